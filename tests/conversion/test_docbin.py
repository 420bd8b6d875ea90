from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsynth import formats
from textsynth.conversion import docbin
from textsynth.conversion.spacy_tokens import SpacyCutter
from textsynth.corpus import Corpus
from textsynth.corpus.classes import join_classes, split_classes
from textsynth.corpus.example import Example, Span
from textsynth.errors import OutputError
from textsynth.foundation.pipeline import load_blank

spacy = pytest.importorskip("spacy")
srsly = pytest.importorskip("srsly")

WORDS = [
    "don't",
    "well-known",
    "U.S.",
    ":)",
    "8-)",
    "(x_x)",
    "e.g.",
    "10km",
    "http://a.b/c?d",
    "Zoë's",
    "'s",
    "…",
    "C++",
    "",
]
GAPS = [" ", "  ", "\n", "\u00a0", " \n ", "\t"]
TEXTS = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from([" ", *GAPS])), max_size=8).map(
    lambda pairs: "".join(word + gap for word, gap in pairs)
)


@given(st.lists(st.one_of(TEXTS, TEXTS.map(str.strip)), min_size=1, max_size=5), st.sampled_from(["en", "fr", "xx"]))
def test_many_texts_at_once_are_cut_as_one_is(texts, language):
    tokens = SpacyCutter(language).cut(Corpus.from_columns(text=texts))
    for row, text in enumerate(texts):
        alone = load_blank(language).tokenizer(text)
        begin, end = tokens.rows[row], tokens.rows[row + 1]
        assert tokens.strings[begin:end].to_pylist() == [token.text for token in alone]
        assert tokens.spaces[begin:end].tolist() == [bool(token.whitespace_) for token in alone]


@pytest.fixture
def many():
    """Two hundred examples with mentions, classes, fields and origins."""
    rows = []
    for row in range(200):
        before = f"Ada {row} met "
        spans = Span(0, 3, "PER"), Span(len(before), len(before) + 2, "PER")
        rows.append(Example(f"{before}Bo.", spans, f"class {row % 7}", "made", f"p{row % 3}", {"id": row}))
    return Corpus.from_examples(rows)


def test_what_is_large_becomes_a_directory_that_spacy_reads(many, tmp_path, monkeypatch):
    monkeypatch.setattr(docbin, "_BYTES", 10_000)
    path = tmp_path / "train.spacy"
    formats.write(many, path)
    files = sorted(path.glob("*.spacy"))
    assert len(files) > 2
    sizes = [len(spacy.tokens.DocBin().from_disk(file)) for file in files]
    assert sum(sizes) == 200
    assert max(sizes[:-1]) - min(sizes[:-1]) < 10
    blank = spacy.blank("en")
    read = [example.reference for example in spacy.training.Corpus(path)(blank)]
    assert [doc.text for doc in read] == many.texts.to_pylist()
    assert {frozenset(doc.cats) for doc in read} == {frozenset(f"class {number}" for number in range(7))}
    again = formats.read(path, options={"keep": "*"})
    assert again == many
    assert again.fields.to_pylist() == many.fields.to_pylist()


def test_the_same_rows_in_other_batches_give_the_same_bytes(many, tmp_path, monkeypatch):
    monkeypatch.setattr(docbin, "_BYTES", 10_000)
    found = []
    for size in (7, 1000):
        path = tmp_path / f"{size}.spacy"
        docbin.write_docbins(many.in_batches(size), path, None, None)
        found.append([file.read_bytes() for file in sorted(path.glob("*.spacy"))])
    assert found[0] == found[1]


def test_any_number_of_threads_gives_the_same_bytes(many, tmp_path, monkeypatch):
    monkeypatch.setattr(docbin, "_BYTES", 2_000)
    found = []
    for threads in (1, 4):
        monkeypatch.setattr(docbin, "_THREADS", threads)
        docbin.write_docbins([many], tmp_path / f"{threads}.spacy", None, None)
        found.append([file.read_bytes() for file in sorted((tmp_path / f"{threads}.spacy").glob("*.spacy"))])
    assert len(found[0]) > 20
    assert found[0] == found[1]


@pytest.mark.parametrize("number", [1, 15, 16, 300])
def test_values_of_classes_are_packed_as_a_dictionary_of_them(number):
    classes = sorted({f"classé {place * 7919 % 300}" for place in range(number)})
    scores = docbin._Scores(classes)
    for label in (None, classes[0], classes[-1], join_classes((classes[0], classes[-1])), join_classes(())):
        has = split_classes(label) if label is not None else ()
        values = {} if label is None else {name: float(name in has) for name in classes}
        assert scores.pack(label) == srsly.msgpack_dumps(values)


def test_a_stream_that_breaks_leaves_nothing(many, tmp_path, monkeypatch):
    monkeypatch.setattr(docbin, "_BYTES", 10_000)

    def broken():
        yield from islice(many.in_batches(50), 3)
        raise OutputError("broken")

    with pytest.raises(OutputError, match="broken"):
        docbin.write_docbins(broken(), tmp_path / "train.spacy", None, None)
    assert list(tmp_path.iterdir()) == []


def test_a_group_of_spans_is_in_every_doc(many, tmp_path):
    path = tmp_path / "x.spacy"
    formats.write(Corpus.concat([many[:2], Corpus.from_columns(text=["none"])]), path, options={"spans": "sc"})
    docs = list(spacy.tokens.DocBin().from_disk(path).get_docs(spacy.vocab.Vocab()))
    assert [[span.text for span in doc.spans["sc"]] for doc in docs] == [["Ada", "Bo"], ["Ada", "Bo"], []]
    assert not any(doc.ents for doc in docs)
