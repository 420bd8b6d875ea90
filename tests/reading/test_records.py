from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import texts

from textsynth.corpus import Corpus
from textsynth.errors import FormatError, InputError
from textsynth.reading.records import (
    BATCH,
    BOM,
    Fault,
    Faults,
    Record,
    batch_records,
    open_binary,
    read_lines,
    write_lines,
)

HERE = Path("some.file")


def read(path: Path, encoding: str = "utf-8", faults: Faults | None = None) -> list[tuple[int, str]]:
    return list(read_lines(path, encoding, faults or Faults()))


def test_lines_end_at_line_feeds_alone(tmp_path: Path):
    path = tmp_path / "a"
    path.write_bytes("\ufeffa\r\n\nb\rc\x0b\x0c\x1c\x85\u2028\n\ufefflast".encode())
    assert read(path) == [(1, "a\r"), (2, ""), (3, "b\rc\x0b\x0c\x1c\x85\u2028"), (4, "\ufefflast")]
    path.write_bytes(b"")
    assert read(path) == []
    path.write_bytes(b"\n")
    assert read(path) == [(1, "")]


@given(content=st.lists(texts().map(lambda text: text.replace("\n", "\r")), min_size=1, max_size=4))
def test_written_lines_read_back(content: list[str]):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        write_lines(path, (line + "\n" for line in content))
        assert [line for _, line in read(path)] == content
        path.write_text("\n".join([*content, ""]), "utf-16", newline="")
        if not content[0].startswith(BOM):
            assert [line for _, line in read(path, "utf-16")] == content


def test_a_byte_order_mark_that_is_text_is_kept(tmp_path: Path):
    write_lines(tmp_path / "a", [f"{BOM}a\n", f"{BOM}b\n"])
    assert read(tmp_path / "a") == [(1, f"{BOM}a"), (2, f"{BOM}b")]
    write_lines(tmp_path / "a", ["", f"{BOM}a\n"])
    assert read(tmp_path / "a") == [(1, f"{BOM}a")]


def test_lines_that_are_not_in_the_encoding(tmp_path: Path):
    path = tmp_path / "a"
    path.write_bytes(b"a\nb\xe9\nc\n\xff")
    with pytest.raises(FormatError) as caught:
        read(path)
    reason = "the text must be utf-8, has byte 0x{} at {}; name another with the option 'encoding'"
    assert str(caught.value) == f"{path}:2: {reason.format('e9', 1)}"
    faults = Faults("skip")
    assert read(path, faults=faults) == [(1, "a"), (3, "c")]
    assert faults.rejected == [(path, Fault(reason.format("e9", 1), 2)), (path, Fault(reason.format("ff", 0), 4))]
    assert read(path, "latin-1") == [(1, "a"), (2, "bé"), (3, "c"), (4, "ÿ")]


def test_wide_encodings(tmp_path: Path):
    path = tmp_path / "a"
    for encoding in ("utf-16", "utf-16-le", "utf-32", "utf-8-sig"):
        path.write_bytes("a\n\nb\u0a0a\n".encode(encoding))
        assert read(path, encoding) == [(1, "a"), (2, ""), (3, "b\u0a0a")]
    path.write_bytes(b"\x00\xd8")
    with pytest.raises(FormatError) as caught:
        read(path, "utf-16-le", Faults("skip"))
    assert str(caught.value) == f"{path}: must be utf-16-le, unexpected end of data at byte 0"


@pytest.mark.parametrize("encoding", ["utf8000", "base64"])
def test_unknown_encodings(encoding: str, tmp_path: Path):
    (tmp_path / "a").write_bytes(b"a\n")
    with pytest.raises(InputError) as caught:
        read(tmp_path / "a", encoding)
    assert str(caught.value) == f"{tmp_path / 'a'}: there is no encoding {encoding!r}"


def test_paths_that_cannot_be_read(tmp_path: Path):
    (tmp_path / "file").touch()
    for path, reason in [
        (tmp_path / "none", "must be a file to read, there is none"),
        (tmp_path, "must be a file to read, is a directory"),
        (tmp_path / "file" / "under", "cannot be read: Not a directory"),
    ]:
        with pytest.raises(InputError) as caught:
            open_binary(path)
        assert str(caught.value) == f"{path}: {reason}"


def test_records_become_a_corpus():
    records = [Record(1, "Ada Zoë", [(4, 7, "B"), (0, 3, "A")], "x", "vae", "0f"), Record(2, "", [])]
    (corpus,) = batch_records(records, HERE, Faults(), "whitespace")
    assert corpus == Corpus.from_columns(
        text=["Ada Zoë", ""], spans=[[(0, 3, "A"), (4, 7, "B")], []], label=["x", None]
    )
    assert (corpus[0].origin, corpus[0].parent, corpus.tokenizer) == ("vae", "0f", "whitespace")


BAD = [
    (Fault("is broken", "a:3"), "some.file:a:3: is broken"),
    (Record(7, "Ada", [(0, 4, "A")]), "some.file:7: span 0-4 'A' reaches outside the text of 3 characters"),
    (Record(7, "Ada", [], ""), "some.file:7: the label of an example must not be empty; use null for no label"),
    (Record(7, "\ud800", []), "some.file:7: the text must be Unicode characters, has a lone surrogate at character 0"),
    (
        Record(7, "Ada", [(0, 2**31, "A")]),
        "some.file:7: the offsets of a span must be numbers of characters, were out of all range",
    ),
]


@pytest.mark.parametrize(("bad", "message"), BAD)
def test_the_first_bad_record_ends_the_reading(bad: Record | Fault, message: str):
    with pytest.raises(FormatError) as caught:
        list(batch_records([Record(1, "fine", []), bad], HERE, Faults()))
    assert str(caught.value) == message


def test_bad_records_are_set_aside():
    faults = Faults("skip")
    stream = [Record(1, "fine", []), *(bad for bad, _ in BAD), Record(9, "too", [(0, 3, "A")])]
    (corpus,) = batch_records(stream, HERE, faults)
    assert corpus == Corpus.from_columns(text=["fine", "too"], spans=[[], [(0, 3, "A")]])
    told = {f"{path}:{fault.line}: {fault.reason}" for path, fault in faults.rejected}
    assert told == {message for _, message in BAD}
    (nothing,) = batch_records([BAD[0][0]], HERE, Faults("skip"))
    assert len(nothing) == 0


def test_batches_are_bounded_and_made_when_asked_for():
    drawn = 0

    def records():
        nonlocal drawn
        for drawn in range(1, 2 * BATCH + 2):
            yield Record(drawn, "a", [])

    stream = batch_records(records(), HERE, Faults())
    assert (len(next(stream)), drawn) == (BATCH, BATCH)
    assert [len(batch) for batch in stream] == [BATCH, 1]


def test_rejects_are_written_as_json_lines(tmp_path: Path):
    faults = Faults("skip")
    faults.write(tmp_path / "rejects.jsonl")
    assert not (tmp_path / "rejects.jsonl").exists()
    faults.add(HERE, Fault("is „broken“", 3))
    faults.add(HERE, Fault("is broken", "a.ann:3"))
    faults.write(tmp_path / "rejects.jsonl")
    content = (tmp_path / "rejects.jsonl").read_text(encoding="utf-8")
    assert "„broken“" in content
    assert [json.loads(line) for line in content.splitlines()] == [
        {"path": "some.file", "line": 3, "reason": "is „broken“"},
        {"path": "some.file", "line": "a.ann:3", "reason": "is broken"},
    ]
