from __future__ import annotations

import re
from html.parser import HTMLParser

from hypothesis import given
from strategies import corpora

import textsynth as ts
from textsynth.corpus import Corpus


class Reader(HTMLParser):
    """Reads the text of a page, and which elements it has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.told, self.elements = "", set[str]()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.elements.add(tag)

    def handle_data(self, data: str) -> None:
        self.told += data


def test_mentions_are_marked_and_everything_is_escaped():
    corpus = Corpus.from_columns(
        text=["<script>Ada</script> & co", "hi"], spans=[[(8, 11, 'P"<b>')], []], label=["<i>", None]
    )
    page = corpus._repr_html_()
    assert Reader(page).elements == {"table", "tr", "th", "td", "mark", "sub", "p"}
    assert re.search(r"&lt;script&gt;<mark [^>]*>Ada <sub>P&quot;&lt;b&gt;</sub></mark>&lt;/script&gt; &amp; co", page)
    assert page.endswith("<p>2 examples</p>")


@given(corpora())
def test_a_page_has_nothing_but_its_own_elements(corpus: Corpus):
    page = Reader(corpus._repr_html_())
    assert page.elements <= {"table", "tr", "th", "td", "mark", "sub", "p"}
    plain = Reader((Corpus.from_columns(text=corpus.texts) if len(corpus) else corpus)._repr_html_()).told
    assert [letter for letter in plain if letter not in page.told] == []


def test_a_long_corpus_shows_its_beginning():
    page = Corpus.from_columns(text=["hi"] * 11)._repr_html_()
    assert page.count("<tr>") == 10
    assert page.endswith("<p>11 examples; the first 10 are shown</p>")


def test_a_sum_has_the_examples_of_both():
    one, other = Corpus.from_columns(text=["a"]), Corpus.from_columns(text=["b"], label=["x"])
    assert [example.text for example in one + other] == ["a", "b"]
    assert one + Corpus.empty() == one
    assert ts.Corpus.__add__(one, "b") is NotImplemented  # type: ignore[arg-type]
