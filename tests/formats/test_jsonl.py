from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from textsynth import formats
from textsynth.components import registry
from textsynth.conversion import files
from textsynth.corpus import Corpus
from textsynth.errors import FormatError, InputError, OptionError, OutputError, UnknownName
from textsynth.formats.jsonl import Jsonl
from textsynth.reading.records import BATCH, Faults


def file_of(tmp_path: Path, content: str, name: str = "train.jsonl") -> Path:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8", newline="")
    return path


def complaint(path: Path, **options: str) -> str:
    with pytest.raises(FormatError) as caught:
        formats.read(path, "jsonl", options=options)
    return str(caught.value)


def test_writes_one_object_a_line_without_empty_fields(tmp_path: Path):
    corpus = Corpus.from_columns(
        text=["Zoë\u2028", ""], spans=[[(0, 3, "PER")], []], label=[None, "x"], origin=["vae", ""]
    )
    formats.write(corpus, tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_bytes().decode() == (
        '{"text": "Zoë\u2028", "spans": [{"start": 0, "end": 3, "label": "PER"}], "origin": "vae"}\n'
        '{"text": "", "label": "x"}\n'
    )


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ('{"text": "Ada!", "spans": [{"start": 0, "end": 3, "label": "PER"}], "label": "x"}', {}),
        ('\ufeff\n{"text": "Ada!", "spans": [[0, 3, "PER"]], "label": "x"}\r\n\r\n', {}),
        ('{"text": "Ada!", "entities": [[0, 3, "PER"]], "label": "x", "more": {}}', {}),
        ('{"t": "Ada!", "s": [[0, 3, "PER"]], "l": "x"}', {"text": "t", "spans": "s", "label": "l"}),
    ],
)
def test_reads_objects_and_triples(line: str, options: dict[str, str], tmp_path: Path):
    corpus = formats.read(file_of(tmp_path, line), "jsonl", options=options)
    assert corpus == Corpus.from_columns(text=["Ada!"], spans=[[(0, 3, "PER")]], label=["x"])


def test_spans_may_stand_in_any_order(tmp_path: Path):
    path = file_of(tmp_path, '{"text": "Ada Zoë", "spans": [[4, 7, "B"], [0, 3, "A"]]}')
    assert formats.read(path)[0].mentions() == ("Ada", "Zoë")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            "{",
            "a line must be a JSON object: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        ),
        ("[1]", "a line must be a JSON object, was: '[1]'"),
        ('{"txt": "Ada"}', "the field 'text' must be a string, was: None"),
        ('{"text": 3}', "the field 'text' must be a string, was: 3"),
        ('{"text": "Ada", "label": 3}', "the field 'label' must be a string or null, was: 3"),
        ('{"text": "Ada", "label": ""}', "the label of an example must not be empty; use null for no label"),
        ('{"text": "Ada", "spans": {}}', "spans must be a list, was: {}"),
        (
            '{"text": "Ada", "spans": [[0, 3]]}',
            "a span must have start and end, two whole numbers, and a label, was: [0, 3]",
        ),
        (
            '{"text": "", "spans": [[0, 3.0, "P"]]}',
            "a span must have start and end, two whole numbers, and a label, was: [0, 3.0, 'P']",
        ),
        (
            '{"text": "", "spans": [[true, 3, "P"]]}',
            "a span must have start and end, two whole numbers, and a label, was: [True, 3, 'P']",
        ),
        ('{"text": "Ada", "spans": [[0, 3, ""]]}', "span 0-3 must have a label"),
        ('{"text": "Ada", "spans": [[0, 4, "P"]]}', "span 0-4 'P' reaches outside the text of 3 characters"),
        ('{"text": "Ada", "spans": [[-1, 3, "P"]]}', "span -1-3 'P' reaches outside the text of 3 characters"),
        ('{"text": "Ada", "spans": [[2, 2, "P"]]}', "span 2-2 'P' is empty"),
        ('{"text": "a b", "spans": [[0, 2, "P"]]}', "span 0-2 'P' begins or ends in white space: 'a '"),
        (
            '{"text": "Ada", "spans": [[1, 3, "Q"], [0, 2, "P"]]}',
            "span 1-3 'Q' overlaps the span before it, which ends at 2",
        ),
        ('{"text": "A\\ud800"}', "the text must be Unicode characters, has a lone surrogate at character 1"),
        (
            '{"text": "Ada", "spans": [[0, 9999999999, "P"]]}',
            "the offsets of a span must be numbers of characters, were out of all range",
        ),
    ],
)
def test_says_what_is_wrong_and_where(line: str, reason: str, tmp_path: Path):
    path = file_of(tmp_path, f'{{"text": "fine"}}\n\n{line}\n{{"text": "too"}}\n')
    assert complaint(path) == f"{path}:3: {reason}"


def test_bad_lines_are_set_aside(tmp_path: Path):
    path, rejects = file_of(tmp_path, '{"text": "a"}\n{\n{"text": "b"}\n'), tmp_path / "rejects.jsonl"
    corpus = formats.read(path, on_error="skip", rejects=rejects)
    assert corpus == Corpus.from_columns(text=["a", "b"])
    assert [json.loads(line) for line in rejects.read_text().splitlines()] == [
        {
            "path": str(path),
            "line": 2,
            "reason": "a line must be a JSON object: "
            "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        }
    ]


def test_a_file_with_bad_lines_only(tmp_path: Path):
    path = file_of(tmp_path, "{\n[\n")
    with pytest.raises(FormatError) as caught:
        formats.read(path, on_error="skip")
    assert str(caught.value) == (
        f"{path}: must have at least one example for the format 'jsonl', all 2 of its records were rejected"
    )


def test_without_bad_lines_there_is_no_file_of_rejects(tmp_path: Path):
    path, rejects = file_of(tmp_path, '{"text": "a"}\n'), tmp_path / "rejects.jsonl"
    formats.read(path, on_error="skip", rejects=rejects)
    assert not rejects.exists()


def test_the_encoding_can_be_told(tmp_path: Path):
    path = tmp_path / "train.jsonl"
    path.write_bytes('{"text": "a"}\n{"text": "Zoë"}\n'.encode("latin-1"))
    assert complaint(path) == (
        f"{path}:2: the text must be utf-8, has byte 0xeb at 12; name another with the option 'encoding'"
    )
    for encoding in ("latin-1", "cp1252"):
        assert formats.read(path, options={"encoding": encoding}).texts.to_pylist() == ["a", "Zoë"]
    path.write_bytes('{"text": "Zoë"}\n'.encode("utf-16"))
    assert formats.read(path, "jsonl", options={"encoding": "utf-16"}).texts.to_pylist() == ["Zoë"]


def test_bad_paths(tmp_path: Path):
    with pytest.raises(InputError) as missing:
        formats.read(tmp_path / "none.jsonl")
    assert str(missing.value) == f"{tmp_path / 'none.jsonl'}: must be a file or directory to read, there is none"
    with pytest.raises(InputError) as directory:
        formats.read(tmp_path, "jsonl")
    assert str(directory.value) == f"{tmp_path}: must be a file to read, is a directory"
    with pytest.raises(UnknownName):
        formats.read(tmp_path)
    empty = file_of(tmp_path, "")
    with pytest.raises(FormatError) as nothing:
        formats.read(empty)
    assert str(nothing.value) == f"{empty}: must have at least one example for the format 'jsonl', it has none"
    with pytest.raises(OutputError) as under_a_file:
        formats.write(Corpus.from_columns(text=["a"]), empty / "out.jsonl")
    assert str(under_a_file.value).startswith(f"{empty / 'out.jsonl'}: cannot be written: ")


def test_bad_names(tmp_path: Path):
    path = file_of(tmp_path, '{"text": "a"}\n')
    with pytest.raises(UnknownName) as unknown:
        formats.read(path, "jsnl")
    assert str(unknown.value) == (
        f"there is no format 'jsnl'; did you mean 'jsonl'? there is: {', '.join(registry.names('format'))}"
    )
    with pytest.raises(OptionError) as option:
        formats.read(path, "jsonl", options={"txt": "a"})
    assert str(option.value) == (
        "format 'jsonl': there is no option 'txt'; did you mean 'text'? there is: encoding, label, spans, text"
    )


def test_reads_no_more_than_it_needs(tmp_path: Path):
    path = file_of(tmp_path, '{"text": "a"}\n' * BATCH + "{\n")
    stream = Jsonl().read(path, Faults())
    assert len(next(stream)) == BATCH
    with pytest.raises(FormatError, match=f":{BATCH + 1}: a line must be a JSON object"):
        next(stream)


def test_reads_snips(shared_data: Path):
    path = shared_data / "snips" / "train.jsonl"
    assert registry.name_of(files.find(path)) == "jsonl"
    corpus = formats.read(path)
    assert Counter(corpus.table.column("label").to_pylist()) == {
        "AddToPlaylist": 1942,
        "BookRestaurant": 1973,
        "GetWeather": 2000,
        "PlayMusic": 2000,
        "RateBook": 1956,
        "SearchCreativeWork": 1954,
        "SearchScreeningEvent": 1959,
    }
    assert len(corpus.labels) == 39


def test_reads_the_twin_of_snips(twin_data: Path, tmp_path: Path):
    path = twin_data / "snips" / "train.jsonl"
    assert registry.name_of(files.find(path)) == "jsonl"
    corpus = formats.read(path)
    assert set(Counter(corpus.table.column("label").to_pylist()).values()) == {11}
    assert (len(corpus), len(corpus.classes), len(corpus.labels), len(corpus.spans.starts)) == (77, 7, 38, 203)
    assert ("Música Para Planchar", "playlist") in [
        (mention, span.label) for each in corpus for mention, span in zip(each.mentions(), each.spans, strict=True)
    ]
    formats.write(corpus, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == path.read_bytes()
