from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from textsynth import formats
from textsynth.components import registry
from textsynth.conversion import files
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
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


PER = Example("Ann ran", (Span(0, 3, "PER"),))


@pytest.mark.parametrize(
    "row",
    [
        {"text": "Ann ran", "label": [[0, 3, "PER"]]},
        {"text": "Ann ran", "labels": [[0, 3, "PER"]]},
        {"text": "Ann ran", "ner": [["PER", 0, 3]]},
        {"content": "Ann ran", "ents": [{"start_offset": 0, "end_offset": 3, "label": "PER"}]},
        {"sentence": "Ann ran", "ner_tags": [{"begin": 0, "end": 3, "tag": "PER"}]},
        {"full_text": "Ann ran", "spans": [{"entity_type": "PER", "start_position": 0, "end_position": 3}]},
        {"Text": "Ann ran", "Entities": '[{"start": 0, "end": 3, "type": "PER"}]'},
        {"text": "Ann ran", "entities": "[(0, 3, 'PER')]", "label": None},
        {"text": "Ann ran", "spans": [[0, 3, "PER"]], "entities": [], "ents": [{"start": 0, "end": 3, "label": "PER"}]},
        {"text": "Ann ran", "annotation": {"entities": [[0, 3, "PER"]]}},
        {"text": "Ann ran", "entities": [{"entity_group": "PER", "score": 0.9, "word": "ann", "start": 0, "end": 3}]},
        {"content": "Ann ran", "annotation": [{"label": ["PER"], "points": [{"start": 0, "end": 2, "text": "Ann"}]}]},
        {"content": "Ann ran", "annotation": [{"label": ["PER"], "points": [{"start": 0, "end": 3, "text": "Ann"}]}]},
        {"text": "Ann ran", "tokens": [{"text": "Ann", "start": 0, "end": 3, "id": 0}], "spans": [[0, 3, "PER"]]},
        ["Ann ran", {"entities": [[0, 3, "PER"]]}],
        ["Ann ran", [[0, 3, "PER"]]],
    ],
)
def test_spans_are_read_under_the_names_people_use(row: Any, tmp_path: Path):
    assert list(formats.read(file_of(tmp_path, json.dumps(row)), "jsonl")) == [PER]


@pytest.mark.parametrize(
    ("row", "label"),
    [
        ({"text": "hi", "category": "greet"}, "greet"),
        ({"text": "hi", "Intent": "greet"}, "greet"),
        ({"text": "hi", "labels": ["greet"]}, "greet"),
        ({"text": "hi", "label": ["B-1"]}, "B-1"),
        ({"text": "hi", "label": ["greet"], "class": "greet"}, "greet"),
        ({"text": "hi", "target": 3}, "3"),
        ({"text": "hi", "label": 3.0}, "3"),
        ({"text": "hi", "label": False}, "false"),
        ({"text": "hi", "cats": {"greet": 1.0, "other": 0.0}}, "greet"),
        ({"text": "hi", "cats": {"greet": 0, "other": 0}}, None),
        ({"text": "hi", "labels": []}, None),
        ({"content": "hi", "annotation": {"labels": ["greet"], "note": ""}}, "greet"),
        (["hi", {"cats": {"greet": True, "other": False}}], "greet"),
        (["hi", "greet"], "greet"),
    ],
)
def test_classes_are_read_under_the_names_people_use(row: Any, label: str | None, tmp_path: Path):
    assert list(formats.read(file_of(tmp_path, json.dumps(row)), "jsonl")) == [Example("hi", (), label)]


def test_pieces_of_a_pipeline_that_groups_nothing_are_joined(tmp_path: Path):
    pieces = [("B-PER", 0, 3), ("I-PER", 4, 6), ("I-PER", 6, 7), ("B-PER", 8, 11), ("I-LOC", 12, 15)]
    entities = [{"entity": tag, "score": 0.9, "index": 1, "start": a, "end": b} for tag, a, b in pieces]
    corpus = formats.read(file_of(tmp_path, json.dumps({"text": "Ann Lee Bob Rio", "entities": entities})))
    assert list(corpus) == [Example("Ann Lee Bob Rio", (Span(0, 7, "PER"), Span(8, 11, "PER"), Span(12, 15, "LOC")))]


@pytest.mark.parametrize(
    "document",
    [
        [{"text": "Ann ran", "spans": [[0, 3, "PER"]]}, {"text": "no"}],
        {"version": 1, "data": [{"text": "Ann ran", "spans": [[0, 3, "PER"]]}, {"text": "no"}]},
        {"classes": ["PER"], "annotations": [["Ann ran", {"entities": [[0, 3, "PER"]]}], None, ["no", {}]]},
        {
            "rasa_nlu_data": {
                "common_examples": [
                    {"text": "Ann ran", "entities": [{"start": 0, "end": 3, "value": "Ann", "entity": "PER"}]},
                    {"text": "no", "entities": []},
                ]
            }
        },
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_documents_that_hold_a_list_of_records_are_read(document: Any, indent: int | None, tmp_path: Path):
    path = file_of(tmp_path, json.dumps(document, indent=indent), "x.json")
    assert list(formats.read(path, "jsonl")) == [PER, Example("no")]
    if isinstance(document, list):
        assert list(formats.read(path)) == [PER, Example("no")]


def test_what_is_not_read_is_named_once_a_file(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    path = file_of(tmp_path, '{"text": "a", "id": 1, "url": "x"}\n{"text": "b", "id": 2, "meta": {"n": [1]}}\n')
    formats.read(path)
    assert [record.getMessage() for record in caplog.records] == [
        f"{path}: not read: id, url, meta; 'ignore' takes what is to go unsaid"
    ]
    caplog.clear()
    formats.read(path, options={"ignore": ["id", "url", "meta"]})
    assert not caplog.records


@pytest.mark.parametrize(
    ("row", "options", "says"),
    [
        ({"gold": [[0, 3, "PER"]]}, {}, "the field 'gold' looks like a list of offsets and would not be read; "),
        ({"x": {"y": [{"start": 0, "end": 3}]}}, {}, "the field 'x' looks like a list of objects with start and end"),
        ({"bio": ["B-PER", "O"]}, {}, "the field 'bio' looks like a list of tags and would not be read; read it with"),
        ({"x": '[{"start": 0, "end": 3}]'}, {}, "the field 'x' looks like a string of objects with start and end"),
        (
            {"label": "a"},
            {"label": "class"},
            "the field 'label' looks like a class and would not be read; read it with",
        ),
        ({"label": "a", "intent": "b"}, {"label": "label"}, 'read it with label = "intent", or pass over it with '),
        ({"spans": [[0, 3, "P"]], "ner": [[0, 3, "Q"]]}, {"spans": "spans"}, 'over it with ignore = ["ner"]'),
        ({"ner_tags": ["B-PER", "O"]}, {}, "the field 'ner_tags' looks like a list of tags, one a token, and would"),
        ({"ner_tags": [1, 0]}, {}, "the field 'ner_tags' looks like a list of tags, one a token, and would not be"),
        ({"spans": [[0, 3, "P"]], "ner": [[0, 3, "Q"]]}, {}, "the fields 'spans', 'ner' differ in spans; say which is"),
        ({"label": "a", "intent": "b"}, {}, "the fields 'label', 'intent' differ in the class; say which is meant"),
        (
            {"labels": [0, 1, 0]},
            {},
            "the field 'labels' looks like a 1 or 0 for each class, of which none says the name",
        ),
        ({"words": ["a", "b"], "labels": ["joy", "love"]}, {}, "the field 'labels' looks like a list of tags, one a"),
        ({"label": [[0, 3, "P"]]}, {"label": "label"}, "the field 'label' looks like a list of offsets and would not"),
        ({"annotations": "Ann"}, {}, "the field 'annotations' must be a list of spans, was: 'Ann'"),
        ({"spans": [{"start": 0, "end": 3, "label": ["A", "B"]}]}, {}, "two whole numbers, and a label, was: {"),
        ({"spans": [{"points": [{"start": 0}], "label": ["A"]}]}, {}, "a span must have one label and points with"),
    ],
)
def test_what_looks_like_an_annotation_and_is_not_read_is_refused(
    row: dict[str, Any], options: dict[str, Any], says: str, tmp_path: Path
):
    path = file_of(tmp_path, json.dumps({"text": "Ann ran"} | row))
    with pytest.raises(FormatError) as caught:
        formats.read(path, "jsonl", options=options)
    assert str(caught.value).startswith(f"{path}:1: ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    ignored = formats.read(path, "jsonl", options={"ignore": [*row]})
    assert list(ignored) == [Example("Ann ran")]


EMOJI = {"text": "😀 (Ann) ran", "spans": [{"start": 3, "end": 6, "label": "PER"}]}


def test_offsets_that_read_differently_in_two_units_are_refused(tmp_path: Path):
    path = file_of(tmp_path, json.dumps(EMOJI))
    assert complaint(path) == (
        f"{path}:1: a span 'PER' is 'Ann' in characters ('characters'), '(An' in UTF-16 code units ('utf16'); "
        "say what offsets count with the option 'offsets'"
    )
    for unit, mention in {"characters": "Ann", "utf16": "(An"}.items():
        assert formats.read(path, options={"offsets": unit})[0].mentions() == (mention,)


@pytest.mark.parametrize(
    ("text", "span", "more", "mention"),
    [
        ("😀 (Ann) ran", [3, 6], {"text": "Ann"}, "Ann"),
        ("😀 (Ann) ran", [4, 7], {"text": "Ann"}, "Ann"),
        ("😀 (Ann) ran", [6, 9], {"value": "Ann"}, "Ann"),
        ("Zoë (Ann) ran", [6, 9], {"text": "Ann"}, "Ann"),
        ("😀 Ann", [3, 6], {}, "Ann"),
        ("😀 Ann ran", [2, 5], {}, "Ann"),
        ("Ann ran 😀", [0, 3], {}, "Ann"),
    ],
)
def test_the_text_beside_offsets_or_the_only_possible_unit_decides(
    text: str, span: list[int], more: dict[str, str], mention: str, tmp_path: Path
):
    row = {"text": text, "spans": [{"start": span[0], "end": span[1], "label": "PER"} | more]}
    assert formats.read(file_of(tmp_path, json.dumps(row)))[0].mentions() == (mention,)


@pytest.mark.parametrize("unit", ["characters", "utf16", "bytes"])
def test_a_file_says_what_its_offsets_count(unit: str, tmp_path: Path):
    corpus = Corpus.from_columns(text=["😀 Zoë (Ann) ran"], spans=[[(7, 10, "PER")]])
    formats.write(corpus, tmp_path / "out.jsonl", options={"offsets": unit})
    assert json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))["offsets"] == unit
    assert formats.read(tmp_path / "out.jsonl") == corpus


@pytest.mark.parametrize(
    ("row", "repair", "spans", "count"),
    [
        ({"text": "Bank of Rome pays.", "spans": [[0, 13, "ORG"]]}, "trim", [(0, 12, "ORG")], "trim 1"),
        (
            {"text": "Bank of Rome pays.", "spans": [[0, 12, "ORG"], [8, 12, "LOC"], [0, 12, "ORG"]]},
            "longest",
            [(0, 12, "ORG")],
            "longest 2",
        ),
        (
            {"text": "a\r\nAda, Ada", "spans": [{"start": 2, "end": 5, "label": "P", "text": "Ada"}]},
            "quote",
            [(3, 6, "P")],
            "quote 1",
        ),
        (
            {"text": "so Ada ran", "spans": [{"start": 70, "end": 73, "label": "P", "text": "Ada"}]},
            "quote",
            [(3, 6, "P")],
            "quote 1",
        ),
    ],
)
def test_repairs_are_made_on_request_and_counted(
    row: dict[str, Any], repair: str, spans: Any, count: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    path = file_of(tmp_path, json.dumps(row) + '\n{"text": "fine", "spans": [[0, 4, "X"]]}')
    assert f'; mend it with repair = ["{repair}"]' in complaint(path)
    corpus = formats.read(path, options={"repair": [repair]})
    assert [(span.start, span.end, span.label) for span in corpus[0].spans] == spans
    assert corpus[1].mentions() == ("fine",)
    assert [record.getMessage() for record in caplog.records] == [f"{path}: spans repaired: {count}"]


def test_a_mention_that_stands_nowhere_or_twice_is_not_found_again(tmp_path: Path):
    for text, why in {"Eva": "it is nowhere", "Ada or Ada": "it stands there 2 times"}.items():
        row = {"text": text, "spans": [{"start": 1, "end": 3, "label": "P", "text": "Ada"}]}
        path = file_of(tmp_path, json.dumps(row))
        with pytest.raises(FormatError, match=why):
            formats.read(path, options={"repair": ["quote"]})


def test_spans_may_stand_in_any_order(tmp_path: Path):
    path = file_of(tmp_path, '{"text": "Ada Zoë", "spans": [[4, 7, "B"], [0, 3, "A"]]}')
    assert formats.read(path)[0].mentions() == ("Ada", "Zoë")


IGNORE_SPANS = '; pass over it with ignore = ["spans"]'


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            "{",
            "a line must be a JSON object: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        ),
        ("[1]", "a line must be a JSON object, was: '[1]'"),
        (
            '{"txt": "Ada"}',
            "the field 'text' must be a string, was: None; say which field is the text with the option 'text', "
            "there is: ['txt']",
        ),
        ('{"text": 3}', "the field 'text' must be a string, was: 3"),
        (
            '{"text": "Ada", "label": 3.5}',
            "the field 'label' must be a class, a string or a whole number, was: 3.5; "
            'pass over it with ignore = ["label"]',
        ),
        (
            '{"text": "Ada", "spans": {"a": 1}}',
            "spans must be a list, was: {'a': 1}; pass over it with ignore = [\"spans\"]",
        ),
        ('{"text": "Ada", "spans": 3}', "the field 'spans' must be a list of spans, was: 3" + IGNORE_SPANS),
        (
            '{"text": "Ada", "spans": [[0, 3]]}',
            "a span must have start and end, two whole numbers, and a label, was: [0, 3]" + IGNORE_SPANS,
        ),
        (
            '{"text": "", "spans": [[0, 3.0, "P"]]}',
            "a span must have start and end, two whole numbers, and a label, was: [0, 3.0, 'P']" + IGNORE_SPANS,
        ),
        (
            '{"text": "", "spans": [[true, 3, "P"]]}',
            "a span must have start and end, two whole numbers, and a label, was: [True, 3, 'P']" + IGNORE_SPANS,
        ),
        ('{"text": "Ada", "spans": [[0, 3, ""]]}', "span 0-3 must have a label"),
        ('{"text": "Ada", "spans": [[0, 4, "P"]]}', "span 0-4 'P' reaches outside the text of 3 characters"),
        ('{"text": "Ada", "spans": [[-1, 3, "P"]]}', "span -1-3 'P' reaches outside the text of 3 characters"),
        ('{"text": "Ada", "spans": [[2, 2, "P"]]}', "span 2-2 'P' is empty"),
        (
            '{"text": "a b", "spans": [[0, 2, "P"]]}',
            "span 0-2 'P' begins or ends in white space: 'a '; mend it with repair = [\"trim\"]",
        ),
        (
            '{"text": "Ada", "spans": [[1, 3, "Q"], [0, 2, "P"]]}',
            "span 1-3 'Q' overlaps the span before it, which ends at 2; mend it with repair = [\"longest\"]",
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
        "format 'jsonl': there is no option 'txt'; did you mean 'text'? there is: "
        "classes, encoding, ignore, keep, label, offsets, repair, spans, text"
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
