from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from edited import corpus_of, drawn, edited, long_corpus, mentions, pairs, results
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.corpus.code_points import are_spaces
from textsynth.corpus.grapheme import find_grapheme_starts
from textsynth.corpus.script import are_unspaced, is_unspaced
from textsynth.edits.edit import Edit, Policy
from textsynth.edits.insertion import InsertionEditor
from textsynth.generators.edits.punctuation_insertion import PunctuationInsertion
from textsynth.generators.edits.word_insertion import WordInsertion


def test_by_hand():
    assert results(WordInsertion(), "run,\n[Ada Lee](P)  fast 4", copies=400) == {
        template.format(word)
        for word in ("run", "fast")
        for template in (
            "{} run,\n[Ada Lee](P)  fast 4",
            "run,\n{} [Ada Lee](P)  fast 4",
            "run,\n[Ada Lee](P)  {} fast 4",
            "run,\n[Ada Lee](P)  fast {} 4",
        )
    }


def test_into_mentions_only_where_they_may_be_edited():
    operation = WordInsertion(policy={"P": "edit"}, protect=("Bo",))
    assert results(operation, "x [Ada Lee](P) [Bo](P)") == {
        "x x [Ada Lee](P) [Bo](P)",
        "x [Ada x Lee](P) [Bo](P)",
    }


def test_not_into_placeholders_nor_words():
    assert results(WordInsertion(protect_patterns=(r"\[.*?\]",)), "e-mail [ first name ] word") == {
        "word e-mail [ first name ] word",
        "e-mail [ first name ] word word",
    }


def words_inserted(*texts: str, **options: object) -> Counter[str]:
    source = corpus_of(*texts)
    operation = WordInsertion(**{"stop_words": True, **options})  # type: ignore[arg-type]
    counts: Counter[str] = Counter()
    for before, after in pairs(operation, source, 2000):
        left, right = Counter(after.text.split()), Counter(before.text.split())
        counts.update(left - right)
    return counts


def test_words_are_drawn_by_their_frequency():
    counts = words_inserted("a b a c", "a [d](P) 12 x2 e-f @ [id]")
    total = counts.total()
    expected = {"a": 3, "b": 1, "c": 1}
    assert set(counts) == set(expected)
    for word, count in expected.items():
        assert counts[word] / total == pytest.approx(count / 5, rel=0.15)


def test_capitals_of_words_that_are_also_written_small_are_none():
    assert set(words_inserted("The end", "the End", "Rome")) == {"the", "end", "Rome"}
    assert set(words_inserted("The man saw the Dog")) == {"the", "man", "saw", "Dog"}


def test_words_may_be_left_out():
    assert set(words_inserted("The man saw the dog", stop_words=False)) == {"man", "saw", "dog"}
    assert set(words_inserted("The man saw the dog", without=("THE", "saw"))) == {"man", "dog"}
    assert not words_inserted("The man", without=("the", "man"))


def test_words_with_hyphens_and_apostrophes():
    source = corpus_of("well-known can't x@y 'n' -", tokenizer="whitespace")
    made = {each.text for each in edited(WordInsertion(rate=0.01, stop_words=True), source, 300)}
    inserted = {word for text in made for word in Counter(text.split()) - Counter(source[0].text.split())}
    assert inserted == {"well-known", "can't"}
    assert set(words_inserted("well-known can't x@y #z (so) 'n'")) == {"so", "n"}


@pytest.mark.parametrize("rate", [0.1, 0.3, 1.0])
def test_the_rate(rate: float):
    source = long_corpus()
    words = sum(len(each.text.split()) - 2 for each in source)  # not inside of its two mentions of two words
    added = sum(
        len(new.text.split()) - len(old.text.split()) for old, new in pairs(WordInsertion(rate=rate), source, 4)
    )
    assert added / 4 / words == pytest.approx(rate, rel=0.1)


@pytest.mark.parametrize("operation", [WordInsertion, PunctuationInsertion])
@given(corpora(), st.sampled_from([0.1, 1.0]), st.sampled_from(["keep", "edit"]))
def test_hostile_text(operation: type[Edit[InsertionEditor]], source: Corpus, rate: float, policy: Policy):
    built = operation(rate=rate, policy={"*": policy})
    editor, chosen, edits = drawn(built, source, 2)
    strings = np.asarray(editor.material.first)
    points = editor.tokenised.points
    assert (edits.start == edits.end).all()
    assert set(edits.first.tolist()) <= set(strings.tolist())
    starts = edits.start
    opens = np.isin(starts, points.rows[:-1]) | are_spaces(points.points[np.maximum(starts - 1, 0)])
    unspaced, before = are_unspaced(points.points), find_grapheme_starts(points)[np.maximum(starts - 1, 0)]
    assert (opens | unspaced[before] | unspaced[starts]).all()
    assert not are_spaces(points.points[starts]).any()
    added = edits.stop - edits.first
    for copy, (before, after) in enumerate(pairs(built, source, 2)):
        ours = np.flatnonzero(edits.copy == copy)
        text, base = after.text, int(points.rows[chosen[copy]])
        for number in reversed(range(len(ours))):
            at = int(starts[ours[number]]) - base + int(added[ours[:number]].sum())
            last, following = text[at + int(added[ours[number]]) - 1 :][:2]
            assert (last == " ") == (not is_unspaced(last) and not is_unspaced(following))
            text = text[:at] + text[at + int(added[ours[number]]) :]
        assert text == before.text
        assert [span.label for span in after.spans] == [span.label for span in before.spans]
        if policy == "keep":
            assert mentions(after) == mentions(before)


@pytest.mark.parametrize("span", [(0, 4, "P"), (4, 6, "P")])
def test_what_a_span_leaves_of_a_word_is_no_word(span: tuple[int, int, str]):
    """White space beside 中 says that 世AdaBo is one token of this text."""
    source = Corpus.from_columns(text=["世AdaBo 中"], spans=[[span]], tokenizer="whitespace")
    _, _, edits = drawn(PunctuationInsertion(rate=1.0, policy={"*": "edit"}), source, 40)
    assert set(edits.start.tolist()) == {0, 7}


@pytest.mark.parametrize(
    ("operation", "inserted"),
    [(WordInsertion(rate=1.0), "我在的去上"), (PunctuationInsertion(rate=1.0, marks=("！",)), "！")],
)
def test_nothing_but_what_is_inserted_comes_into_a_text_without_spaces(operation: Edit[InsertionEditor], inserted: str):
    source = Corpus.from_columns(text=["我在北京，我去上海的"], spans=[[(2, 4, "CITY"), (7, 9, "CITY")]])
    for before, after in pairs(operation, source, 5):
        assert mentions(after) == mentions(before)
        assert len(after.text) > len(before.text)
        assert set(after.text) - set(before.text) <= set(inserted)
