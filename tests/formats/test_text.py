from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import texts

from textsynth import formats
from textsynth.components import registry
from textsynth.conversion import files
from textsynth.corpus import Corpus
from textsynth.errors import CarryError, FormatError, InputError, OptionError
from textsynth.formats.text import Text
from textsynth.reading.records import BATCH, Faults


def file_of(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "raw.txt"
    path.write_text(content, encoding="utf-8", newline="")
    return path


CONTENT = "\n  Ada  lives \r\nin\tParis\r\n \t\r\n\n\nZoë\x85\u2028 too\nlast"


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("line", ["  Ada  lives ", "in\tParis", "Zoë\x85\u2028 too", "last"]),
        ("paragraph", ["  Ada  lives \r\nin\tParis", "Zoë\x85\u2028 too\nlast"]),
        ("document", [CONTENT]),
    ],
)
def test_reads_a_text_a_unit(unit: str, expected: list[str], tmp_path: Path):
    corpus = formats.read(file_of(tmp_path, CONTENT), options={"unit": unit})
    assert corpus.texts.to_pylist() == expected
    assert corpus.tokenizer == "words"


def test_the_break_at_the_end_is_no_part_of_a_document(tmp_path: Path):
    for end in ("", "\n", "\r\n"):
        assert formats.read(file_of(tmp_path, "Ada\r\nZoë" + end), options={"unit": "document"})[0].text == "Ada\r\nZoë"


@pytest.mark.parametrize(
    ("unit", "content"), [("line", "Ada \nZoë\n"), ("paragraph", "Ada \n\nZoë\n\n"), ("document", "Ada \n")]
)
def test_writes_a_text_a_unit(unit: str, content: str, tmp_path: Path):
    corpus = Corpus.from_columns(text=["Ada ", "Zoë"][: 1 if unit == "document" else 2])
    formats.write(corpus, tmp_path / "out.txt", options={"unit": unit})
    assert (tmp_path / "out.txt").read_bytes().decode() == content


@pytest.mark.parametrize(
    ("unit", "text", "reason"),
    [
        ("line", "a\nb", "holds a line break"),
        ("line", "a\rb", "holds a line break"),
        ("line", "", "is blank"),
        ("line", " \u00a0", "is blank"),
        ("paragraph", "\n", "is blank"),
        ("paragraph", "a\n \nb", "holds a blank line"),
        ("paragraph", "a\n", "holds a blank line"),
        ("paragraph", "a\nb\r", "ends in a carriage return"),
        ("document", "second", "is the second one"),
    ],
)
def test_refuses_what_could_not_be_read_back(unit: str, text: str, reason: str, tmp_path: Path):
    with pytest.raises(CarryError) as caught:
        formats.write(Corpus.from_columns(text=["fine", text]), tmp_path / "out.txt", options={"unit": unit})
    assert str(caught.value) == f"example 1: a text must be one {unit} of a text file, {reason}: {text!r}"
    assert list(tmp_path.iterdir()) == []


@given(rows=st.lists(texts(), min_size=1, max_size=3), unit=st.sampled_from(["line", "paragraph", "document"]))
def test_what_is_not_refused_reads_back_equal(rows: list[str], unit: str):
    corpus = Corpus.from_columns(text=rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.txt"
        try:
            formats.write(corpus, path, options={"unit": unit})
        except CarryError:
            return
        # What looks like a table or has marks is refused otherwise.
        assert formats.read(path, "text", options={"unit": unit, "marks": "keep"}) == corpus


def test_refuses_spans_and_classes_unless_asked_to_drop_them(tmp_path: Path):
    corpus = Corpus.from_columns(text=["Ada"], spans=[[(0, 3, "PER")]], label=["x"])
    with pytest.raises(CarryError) as caught:
        formats.write(corpus, tmp_path / "out.txt", drop=["label"])
    assert str(caught.value) == (
        "the format 'text' cannot carry spans, which 1 example of the first 1 has; "
        "drop them with --drop spans, or choose another format"
    )
    formats.write(corpus, tmp_path / "out.txt", drop=["label", "spans"])
    assert (tmp_path / "out.txt").read_text() == "Ada\n"


@pytest.mark.parametrize(
    ("unit", "kept"), [("line", ["Ada", "Zoë", "lives", "too"]), ("paragraph", ["Ada", "too"]), ("document", [])]
)
def test_a_unit_in_another_encoding_is_set_aside(unit: str, kept: list[str], tmp_path: Path):
    path = tmp_path / "raw.txt"
    path.write_bytes("Ada\n\nZoë\n".encode() + b"caf\xe9\nlives\n\ntoo")
    faults = Faults("skip")
    corpus = Corpus.concat(list(Text(unit=unit).read(path, faults)))  # type: ignore[arg-type]
    assert corpus.texts.to_pylist() == kept
    reason = "the text must be utf-8, has byte 0xe9 at 3; name another with the option 'encoding'"
    assert [(fault.line, fault.reason) for _, fault in faults.rejected] == [(4, reason)]
    with pytest.raises(FormatError) as caught:
        formats.read(path, options={"unit": unit})
    assert str(caught.value) == f"{path}:4: {reason}"
    latin = formats.read(path, options={"unit": unit, "encoding": "latin-1"})
    assert "café" in "".join(latin.texts.to_pylist())


def test_bad_inputs(tmp_path: Path):
    for path, reason in [(tmp_path / "none.txt", "there is none"), (tmp_path, "is a directory")]:
        with pytest.raises(InputError) as caught:
            formats.read(path, "text")
        assert str(caught.value) == f"{path}: must be a file to read, {reason}"
    for unit in ("line", "paragraph", "document"):
        path = file_of(tmp_path, " \n\r\n")
        with pytest.raises(FormatError) as nothing:
            formats.read(path, options={"unit": unit})
        assert str(nothing.value) == f"{path}: must have at least one example for the format 'text', it has none"
    with pytest.raises(InputError) as unknown:
        formats.read(file_of(tmp_path, "Ada"), options={"encoding": "utf8000"})
    assert str(unknown.value) == f"{path}: there is no encoding 'utf8000'"
    with pytest.raises(OptionError) as option:
        formats.read(path, options={"unit": "lines"})
    assert str(option.value) == "format 'text': option 'unit' must be 'line', 'paragraph' or 'document', was: 'lines'"


def test_reads_no_more_than_it_needs(tmp_path: Path):
    path = tmp_path / "raw.txt"
    path.write_bytes(b"hi\n\n" * BATCH + b"\xff\n")
    for unit in ("line", "paragraph"):
        stream = Text(unit=unit).read(path, Faults())  # type: ignore[arg-type]
        assert len(next(stream)) == BATCH
        with pytest.raises(FormatError, match=f":{2 * BATCH + 1}: the text must be utf-8"):
            next(stream)


def test_reads_captions(public_or_twin: Path, is_twin: bool):
    path = public_or_twin / "coco_captions" / "train.txt"
    assert registry.name_of(files.find(path)) == "text"
    assert len(formats.read(path)) == (45 if is_twin else 10_000)


@pytest.mark.parametrize("marked", ["<PER>Ann</PER>", "[PER]Ann[/PER]"])
def test_text_that_looks_annotated_is_refused(marked: str, tmp_path: Path):
    path = tmp_path / "x.txt"
    path.write_text(f"a <b>bold</b> word\nNow {marked} ran\n")
    with pytest.raises(FormatError) as caught:
        formats.read(path)
    assert str(caught.value) == (
        f"{path}:2: the text looks annotated, {marked!r}, and marks are not read; "
        "take them for text with the option marks = 'keep'"
    )
    assert len(formats.read(path, on_error="skip")) == 1
    assert formats.read(path, options={"marks": "keep"})[1].text == f"Now {marked} ran"


@pytest.mark.parametrize(
    "line",
    [
        "<b>Ann</b> ran",
        "He said [laughs] yes",
        "See [PERSON] and [1]",
        "[see this](http://example.org)",
        "either/or and A/B-testing",
        "snake_case and x_O",
        "a < b > c",
        "a\tb",
    ],
)
def test_what_only_resembles_marks_is_text(line: str, tmp_path: Path):
    path = tmp_path / "x.txt"
    path.write_text(f"{line}\nAnn ran\n", encoding="utf-8")
    assert formats.read(path)[0].text == line


@pytest.mark.parametrize("line", ["<per>Ann</per> ran", "[Ann](person) ran", "Ann/B-PER ran/O", "__label__a Ann ran"])
def test_text_that_looks_annotated_is_written_and_read_on_request(line: str, tmp_path: Path):
    path, corpus = tmp_path / "x.txt", Corpus.from_columns(text=[line])
    with pytest.raises(CarryError, match="looks annotated"):
        formats.write(corpus, path)
    formats.write(corpus, path, options={"marks": "keep"})
    assert formats.read(path, options={"marks": "keep"}) == corpus
    with pytest.raises(FormatError, match="the text looks annotated"):
        formats.read(path)
