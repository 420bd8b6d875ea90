from __future__ import annotations

import codecs
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora, texts

from textsynth.corpus import Corpus
from textsynth.errors import FormatError
from textsynth.extract import Gazetteer
from textsynth.extract.gazetteer import casing, mention_array


def write(path: Path, content: str) -> Path:
    path.write_bytes(content.encode())
    return path


def plain(gazetteer: Gazetteer) -> dict[str, dict[str, int]]:
    return {label: dict(counts) for label, counts in gazetteer.mentions.items()}


def hostile_mentions() -> st.SearchStrategy[str]:
    piece = st.one_of(
        st.sampled_from(["\\", "\t", "\n", "\r", "# ", "label", "mention", "\\t"]), texts(), st.text(max_size=3)
    )
    return st.lists(piece, min_size=1, max_size=5).map("".join).map(str.strip).filter(bool)


@given(corpora())
def test_counts_every_mention(corpus: Corpus):
    counted = Counter(
        (span.label, mention) for each in corpus for span, mention in zip(each.spans, each.mentions(), strict=True)
    )
    found = {
        (label, mention): n for label, counts in Gazetteer.of(corpus).mentions.items() for mention, n in counts.items()
    }
    assert found == counted


@given(corpora())
def test_mentions_in_the_order_of_their_spans(corpus: Corpus):
    assert mention_array(corpus).to_pylist() == [mention for each in corpus for mention in each.mentions()]


def test_labels_sorted_and_mentions_by_falling_count():
    corpus = Corpus.from_columns(
        text=["Bo Al Cy", "Bo Oslo", "Bo"],
        spans=[[(0, 2, "P"), (3, 5, "P"), (6, 8, "P")], [(0, 2, "P"), (3, 7, "CITY")], [(0, 2, "P")]],
    )
    gazetteer = Gazetteer.of(corpus)
    assert list(gazetteer.mentions) == ["CITY", "P"]
    assert list(gazetteer.mentions["P"].items()) == [("Bo", 3), ("Al", 1), ("Cy", 1)]
    assert gazetteer.labels == ("CITY", "P")


def test_a_corpus_without_spans_has_an_empty_gazetteer():
    assert Gazetteer.of(Corpus.from_columns(text=["nobody"])).mentions == {}
    assert Gazetteer.of(Corpus.empty()).labels == ()


@given(
    st.dictionaries(
        texts().filter(bool), st.dictionaries(hostile_mentions(), st.integers(1, 10**9), min_size=1), max_size=4
    )
)
def test_what_is_written_reads_back_equal(mentions: dict[str, dict[str, int]]):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gazetteer.tsv"
        Gazetteer(mentions).write(path)
        back = Gazetteer.read(path)
    assert plain(back) == mentions
    assert [list(counts) for counts in back.mentions.values()] == [list(counts) for counts in mentions.values()]


@given(corpora())
def test_the_gazetteer_of_a_corpus_reads_back_equal(corpus: Corpus):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gazetteer.tsv"
        Gazetteer.of(corpus).write(path)
        assert plain(Gazetteer.read(path)) == plain(Gazetteer.of(corpus))


def test_the_file_as_it_is_written(tmp_path: Path):
    Gazetteer({"P": {"Ann\tLee": 2, "NASA": 1}, "DRUG": {"aspirin": 3}}).write(tmp_path / "g.tsv")
    assert (tmp_path / "g.tsv").read_bytes() == (
        b"label\tmention\tcount\tcasing\nP\tAnn\\tLee\t2\ttitle\nP\tNASA\t1\tupper\nDRUG\taspirin\t3\tlower\n"
    )


@pytest.mark.parametrize(
    ("mention", "answer"),
    [
        ("NASA", "upper"),
        ("aspirin", "lower"),
        ("New York", "title"),
        ("iPhone", "mixed"),
        ("1984", "none"),
        ("東京", "none"),
    ],
)
def test_casing(mention: str, answer: str):
    assert casing(mention) == answer


def test_edited_by_hand(tmp_path: Path):
    content = "# mine\nP\tAnn\t2\n\nP\tBo\nP\t Ann \t3\tlower\nlabel\tmention\tcount\tcasing\n# x\ty\t4\n"
    gazetteer = Gazetteer.read(write(tmp_path / "g.tsv", content))
    assert plain(gazetteer) == {"P": {"Ann": 5, "Bo": 1}, "# x": {"y": 4}}


def test_edited_on_windows(tmp_path: Path):
    path = tmp_path / "g.tsv"
    path.write_bytes(codecs.BOM_UTF8 + "label\tmention\tcount\tcasing\r\nP\tZoë\t2\ttitle\r\nP\tBo\r\n".encode())
    assert plain(Gazetteer.read(path)) == {"P": {"Zoë": 2, "Bo": 1}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("P\tAnn\nAnn\n", "2: a line must have label, mention and count between tabs, was: 'Ann'"),
        ("P\tAnn\tmany\n", "1: count must be a whole number of at least 1, was: 'many'"),
        ("P\tAnn\t0\n", "1: count must be a whole number of at least 1, was: '0'"),
        ("\tAnn\t1\n", "1: label and mention must not be empty, were: '', 'Ann'"),
        ("P\t \\n \t1\n", "1: label and mention must not be empty, were: 'P', ''"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, content: str, message: str):
    path = write(tmp_path / "g.tsv", content)
    with pytest.raises(FormatError) as caught:
        Gazetteer.read(path)
    assert str(caught.value) == f"{path}:{message}"
