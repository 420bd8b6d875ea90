from __future__ import annotations

import json
from pathlib import Path

import pytest

from textsynth import formats
from textsynth.components import registry
from textsynth.conversion import files
from textsynth.corpus import Corpus
from textsynth.corpus.example import Span
from textsynth.errors import CarryError, FormatError, InputError, UnknownName


def pair(folder: Path, text: str | bytes, annotations: str | bytes, name: str = "doc") -> Path:
    folder.mkdir(exist_ok=True)
    for suffix, content in ((".txt", text), (".ann", annotations)):
        (folder / f"{name}{suffix}").write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def complaint(path: Path, **options: str) -> str:
    with pytest.raises(FormatError) as caught:
        formats.read(path, "brat", options=options)
    return str(caught.value)


def test_writes_a_pair_of_files_for_each_example(tmp_path: Path):
    corpus = Corpus.from_columns(
        text=["Zoë 😀\r\nsaw Ada\r\nLovelace\n", ""], spans=[[(0, 3, "PER"), (11, 24, "creative-work")], []]
    )
    formats.write(corpus, tmp_path / "out", "brat")
    content = {path.name: path.read_bytes().decode() for path in (tmp_path / "out").glob("[!.]*")}
    assert content == {
        "0000000.txt": "Zoë 😀\r\nsaw Ada\r\nLovelace\n",
        "0000000.ann": "T1\tPER 0 3\tZoë\nT2\tcreative-work 11 24\tAda  Lovelace\n",
        "0000001.txt": "",
        "0000001.ann": "",
    }
    assert formats.read(tmp_path / "out") == corpus


ANNOTATIONS = (
    "T2\tLOC 14 19\tParis\n\nT1\tPER 0 3\tAda\nE1\tLive:T1 At:T2\nR1\tAt Arg1:T1 Arg2:T2\nA1\tSure T1\nM1\tSure T1\n"
    "N1\tReference T1 Wikipedia:7\tAda\n#1\tAnnotatorNotes T1\tsure\n*\tEquiv T1 T2\n"
)


def test_reads_spans_and_passes_over_the_rest(tmp_path: Path):
    folder = pair(tmp_path / "notes", "Ada lives\n in Paris", ANNOTATIONS.replace("\n", "\r\n"))
    assert registry.name_of(files.find(folder)) == "brat"
    expected = Corpus.from_columns(text=["Ada lives\n in Paris"], spans=[[(0, 3, "PER"), (14, 19, "LOC")]])
    for path in (folder, folder / "doc.txt", folder / "doc.ann"):
        assert formats.read(path) == expected


def test_kinds_of_lines_that_are_not_read_are_named(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    folder = pair(tmp_path / "notes", "Ada lives\n in Paris", ANNOTATIONS)
    formats.read(folder)
    kinds = "events, relations, attributes, modifications, normalisations, notes, equivalences"
    assert [record.getMessage() for record in caplog.records] == [f"{folder}: not read: {kinds}"]


@pytest.mark.parametrize(
    ("text", "line", "repair", "mention"),
    [
        ("New\nYork is big", "T1\tLoc 0 3;4 8\tNew York", "join", "New\nYork"),
        ("the New\n  York\nCity is", "T1\tLoc 4 7;10 14;15 19\tNew York City", "join", "New\n  York\nCity"),
        ("New \r\nYork is big", "T1\tLoc 6 10;0 3\tNew York", "join", "New \r\nYork"),
        ("a\r\nb\r\nAda, Ada", "T1\tPER 4 7\tAda", "quote", "Ada"),
        ("so Ada ran", "T1\tPER 0 3\tAda", "quote", "Ada"),
        ("Ada  ran", "T1\tPER 0 4\tAda ", "trim", "Ada"),
        ("Ada Ng ran", "T1\tPER 0 3\tAda\nT2\tPER 0 6\tAda Ng", "longest", "Ada Ng"),
    ],
)
def test_repairs_are_made_on_request(text: str, line: str, repair: str, mention: str, tmp_path: Path):
    folder = pair(tmp_path / "notes", text, line + "\n")
    assert f'; mend it with repair = ["{repair}"]' in complaint(folder)
    [example] = formats.read(folder, options={"repair": [repair]})
    assert (example.text, example.mentions()) == (text, (mention,))


def test_the_place_of_a_quote_that_line_ends_were_counted_to_is_exact(tmp_path: Path):
    folder = pair(tmp_path / "notes", "a\r\nb\r\nAda, Ada", "T1\tPER 9 12\tAda\n")
    [example] = formats.read(folder, options={"repair": ["quote"]})
    assert example.spans == (Span(11, 14, "PER"),)


def test_pieces_with_words_between_them_are_not_joined(tmp_path: Path):
    folder = pair(tmp_path / "notes", "New or York", "T1\tLoc 0 3;7 11\tNew York\n")
    with pytest.raises(FormatError, match=r"a span must be of one piece, was: 'Loc 0 3;7 11'$"):
        formats.read(folder, options={"repair": ["join"]})


def test_the_quoted_text_says_what_offsets_count(tmp_path: Path):
    for place in ("3 6", "4 7"):
        folder = pair(tmp_path / place.replace(" ", "-"), "😀 (Ann) ran", f"T1\tPER {place}\tAnn\n")
        assert formats.read(folder)[0].mentions() == ("Ann",)


def test_reads_in_the_order_of_names(tmp_path: Path):
    for name in ("b", "a", "c.1"):
        pair(tmp_path / "notes", name, "", name)
    (tmp_path / "notes" / "annotation.conf").write_text("[entities]\nPER\n")
    assert formats.read(tmp_path / "notes").texts.to_pylist() == ["a", "b", "c.1"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("T1\tPER 0 3;14 19\tAda Paris", "a span must be of one piece, was: 'PER 0 3;14 19'"),
        ("T1\tPER 0 4\tAda ", "span 0-4 'PER' begins or ends in white space: 'Ada '; mend it with repair = [\"trim\"]"),
        (
            "T1\tPER 14 29\tParis",
            "span 14-29 'PER' reaches outside the text of 19 characters; mend it with repair = [\"quote\"]",
        ),
        ("T1\tPER 3 3\t", "span 3-3 'PER' is empty"),
        (
            "T1\tPER 0 99999999999\tAda",
            "span 0-99999999999 'PER' reaches outside the text of 19 characters; mend it with repair = [\"quote\"]",
        ),
        ("T1\tPER 0 3\tada", "span 0-3 'PER' must be the text that stands beside it, 'ada', was: 'Ada'"),
        ("T1\tPER 0 3", "span 0-3 'PER' must be the text that stands beside it, '', was: 'Ada'"),
        (
            "T1\tPER 0 3\tAda\nT2\tPER 2 9\ta lives",
            "span 2-9 'PER' overlaps the span before it, which ends at 3; mend it with repair = [\"longest\"]",
        ),
        (
            "T1\tPER 0 -3\tAda",
            "a span must be written as 'T1<tab>LABEL START END<tab>TEXT', was: 'T1\\tPER 0 -3\\tAda'",
        ),
        ("T1 PER 0 3 Ada", "a span must be written as 'T1<tab>LABEL START END<tab>TEXT', was: 'T1 PER 0 3 Ada'"),
        ("X1\tPER 0 3\tAda", "a line must begin with T, R, E, A, M, N, # or *, was: 'X1\\tPER 0 3\\tAda'"),
    ],
)
def test_says_what_is_wrong_and_where(line: str, reason: str, tmp_path: Path):
    folder = pair(tmp_path / "notes", "Ada lives\n in Paris", f"#1\tnote\n{line}\n")
    number = 2 + line.count("\n")
    assert complaint(folder) == f"{folder}:doc.ann:{number}: {reason}"
    assert complaint(folder / "doc.txt") == f"{folder}:doc.ann:{number}: {reason}"


def test_an_overlap_is_told_at_the_later_span_of_the_text(tmp_path: Path):
    folder = pair(tmp_path / "notes", "Ada Lovelace", "T1\tPER 4 12\tLovelace\nT2\tPER 0 7\tAda Lov\n")
    assert complaint(folder) == (
        f"{folder}:doc.ann:1: span 4-12 'PER' overlaps the span before it, which ends at 7; "
        'mend it with repair = ["longest"]'
    )


def test_half_a_pair_is_a_fault(tmp_path: Path):
    folder = pair(tmp_path / "notes", "Ada", "")
    (folder / "README.txt").touch()
    (folder / "lost.ann").touch()
    faults = tmp_path / "rejects.jsonl"
    assert formats.read(folder, on_error="skip", rejects=faults).texts.to_pylist() == ["Ada"]
    reason = "must stand beside its other half, is missing"
    assert [json.loads(line) for line in faults.read_text().splitlines()] == [
        {"path": str(folder), "line": "README.ann", "reason": reason},
        {"path": str(folder), "line": "lost.txt", "reason": reason},
    ]
    assert complaint(folder) == f"{folder}:README.ann: {reason}"


@pytest.mark.parametrize(
    ("text", "annotations", "place"), [(b"Ada\ncaf\xe9", b"", "txt:2"), (b"Ada", b"\ncaf\xe9", "ann:2")]
)
def test_the_encoding_can_be_told(text: bytes, annotations: bytes, place: str, tmp_path: Path):
    folder = pair(tmp_path / "notes", text, annotations.replace(b"caf", b"#caf"))
    at = 4 if annotations else 3
    assert complaint(folder) == (
        f"{folder}:doc.{place}: the text must be utf-8, has byte 0xe9 at {at}; name another with the option 'encoding'"
    )
    assert formats.read(folder, options={"encoding": "latin-1"})[0].text == text.decode("latin-1")
    pair(folder, text, annotations)
    pair(folder, "kept", "", "kept")
    assert formats.read(folder, on_error="skip").texts.to_pylist() == ["kept"]


def test_bad_encodings(tmp_path: Path):
    folder = pair(tmp_path / "notes", "odd", "")
    with pytest.raises(InputError) as caught:
        formats.read(folder, options={"encoding": "utf8000"})
    assert str(caught.value) == f"{folder / 'doc.txt'}: there is no encoding 'utf8000'"
    assert complaint(folder, encoding="utf-16").startswith(f"{folder / 'doc.txt'}: must be utf-16, ")


@pytest.mark.parametrize("label", ["two words", "a\tb", "PER;LOC"])
def test_refuses_labels_with_white_space(label: str, tmp_path: Path):
    corpus = Corpus.from_columns(text=["hi", "Ada"], spans=[[], [(0, 3, label)]])
    with pytest.raises(CarryError) as caught:
        formats.write(corpus, tmp_path / "out", "brat")
    assert str(caught.value) == (
        f"example 1: a label must be without white space and ';' in the format 'brat', was: {label!r}"
    )
    assert list(tmp_path.iterdir()) == []


def test_bad_paths(tmp_path: Path):
    with pytest.raises(InputError) as caught:
        formats.read(tmp_path / "none", "brat")
    assert str(caught.value) == f"{tmp_path / 'none'}: must be a file to read, there is none"
    assert complaint(tmp_path) == f"{tmp_path}: must have at least one example for the format 'brat', it has none"
    with pytest.raises(UnknownName):
        formats.read(tmp_path)
    (tmp_path / "alone.txt").write_text("Ada")
    with pytest.raises(InputError) as alone:
        formats.read(tmp_path / "alone.txt", "brat")
    assert str(alone.value) == f"{tmp_path / 'alone.ann'}: must be a file to read, there is none"
    assert registry.name_of(files.find(tmp_path / "alone.txt")) == "text"


def test_an_old_directory_is_replaced_as_a_whole(tmp_path: Path):
    folder = tmp_path / "out.brat"
    formats.write(Corpus.from_columns(text=["a", "b"]), folder)
    formats.write(Corpus.from_columns(text=["c"]), folder)
    assert sorted(path.name for path in folder.iterdir()) == [".textsynth", "0000000.ann", "0000000.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["out.brat"]
