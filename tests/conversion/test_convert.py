from __future__ import annotations

import json
from pathlib import Path

import pytest

from textsynth import formats
from textsynth.conversion.convert import convert
from textsynth.corpus import Corpus
from textsynth.errors import CarryError, FormatError, OptionError, OutputError

CORPUS = Corpus.from_columns(
    text=["Ada flew to Rome", "stop", "Иван 😀"],
    spans=[[(0, 3, "PERSON"), (12, 16, "CITY")], [], [(0, 4, "PERSON")]],
    label=["go", None, "send"],
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    formats.write(CORPUS, tmp_path / "source.jsonl")
    return tmp_path / "source.jsonl"


def test_a_conversion_says_what_it_did(source: Path, tmp_path: Path):
    steps: list[int] = []
    done = convert(str(source), tmp_path / "out.csv", advance=steps.append)
    assert (done.examples, done.rejected, done.left_out, done.rejects) == (3, 0, {}, None)
    assert done.target == tmp_path / "out.csv"
    assert steps == [3]
    assert list(formats.read(done.target)) == list(CORPUS)


def test_what_is_dropped_is_counted_by_part(source: Path, tmp_path: Path):
    done = convert(source, tmp_path / "out.txt", drop=["spans", "label"])
    assert done.left_out == {"spans": 2, "label": 2}
    assert formats.read(done.target).texts.to_pylist() == CORPUS.texts.to_pylist()


def test_nothing_is_dropped_unasked_and_nothing_is_written_then(source: Path, tmp_path: Path):
    with pytest.raises(CarryError, match="class labels, which 2 examples of the first 3 have"):
        convert(source, tmp_path / "out.conll", drop=["spans"])
    assert [path.name for path in tmp_path.iterdir()] == ["source.jsonl"]


def test_bad_records_end_it_or_are_set_aside(source: Path, tmp_path: Path):
    with source.open("a", encoding="utf-8") as file:
        file.write('{"text": "short", "spans": [[0, 99, "PERSON"]]}\n')
    with pytest.raises(FormatError, match=r"source.jsonl:4: "):
        convert(source, tmp_path / "out.csv")
    done = convert(source, tmp_path / "out.csv", on_error="skip")
    assert (done.examples, done.rejected) == (3, 1)
    assert done.rejects == tmp_path / "out.csv.rejected.jsonl"
    row = json.loads(done.rejects.read_text(encoding="utf-8"))
    assert (row["path"], row["line"]) == (str(source), 4)


def test_a_file_is_not_written_over_itself(source: Path, tmp_path: Path):
    before = source.read_bytes()
    (tmp_path / "link.jsonl").symlink_to(source)
    for target in (source, tmp_path / "link.jsonl"):
        with pytest.raises(OutputError, match="must be another file than the source"):
            convert(source, target)
    assert source.read_bytes() == before


def test_formats_and_their_options_can_be_named(source: Path, tmp_path: Path):
    done = convert(
        source,
        tmp_path / "out",
        from_format="jsonl",
        to_format="csv",
        read_options={"label": "class", "ignore": ["label"]},
        write_options={"separator": "pipe"},
    )
    assert done.target.read_text(encoding="utf-8").startswith("text|label|spans|origin|parent")
    assert formats.read(done.target, "csv", options={"separator": "pipe"}).classes == ()


def test_a_wrong_part_or_a_wrong_way_with_errors_is_refused(source: Path, tmp_path: Path):
    with pytest.raises(OptionError, match="drop: there is no part 'labels' to drop; did you mean 'label'"):
        convert(source, tmp_path / "out.csv", drop=["labels"])
    with pytest.raises(OptionError, match="on_error must be 'stop' or 'skip', was: 'ignore'"):
        convert(source, tmp_path / "out.csv", on_error="ignore")  # type: ignore[arg-type]
