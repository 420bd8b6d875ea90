import json

import pytest
from hostile_corpus import HOSTILE, assert_round_trip, snips

from textsynth import formats
from textsynth.components import registry
from textsynth.conversion import files
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.errors import FormatError, OptionError
from textsynth.formats.doccano import Doccano


def read(tmp_path, *rows, **options):
    path = tmp_path / "export.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return list(formats.read(path, "doccano", options=options))


def write(tmp_path, *examples, **options):
    path = tmp_path / "out.jsonl"
    formats.write(Corpus.from_examples(examples), path, "doccano", options=options)
    return path.read_text(encoding="utf-8")


BOTH = Example("Ada in Rome", (Span(0, 3, "PERSON"), Span(7, 11, "CITY")), "travel", "made", "p1")


def test_spans_are_written_as_for_sequence_labelling(tmp_path):
    assert write(tmp_path, BOTH, Example("hi")) == (
        '{"text": "Ada in Rome", "label": [[0, 3, "PERSON"], [7, 11, "CITY"]], "cats": ["travel"], '
        '"origin": "made", "parent": "p1"}\n'
        '{"text": "hi", "label": []}\n'
    )


def test_spans_and_class_are_written_as_for_intents_and_slots(tmp_path):
    example = Example("Ada", (Span(0, 3, "PERSON"),), "greet")
    assert write(tmp_path, example, spans="entities") == (
        '{"text": "Ada", "entities": [[0, 3, "PERSON"]], "cats": ["greet"]}\n'
    )


def test_a_class_is_written_as_for_text_classification(tmp_path):
    written = write(tmp_path, Example("fine", (), "good"), spans="entities", label="label")
    assert written == '{"text": "fine", "entities": [], "label": ["good"]}\n'


def test_doccanos_own_examples_are_read(tmp_path):
    """From its documentation and tests: sequence labelling, relations, classification, intents."""
    rows = [
        {"id": 1, "text": "EU rejects German call", "label": [[0, 2, "ORG"], [11, 17, "MISC"]], "Comments": []},
        {
            "id": 2,
            "text": "Google was founded",
            "entities": [{"id": 0, "start_offset": 0, "end_offset": 6, "label": "ORG"}],
            "relations": [{"id": 0, "from_id": 0, "to_id": 1, "type": "foundedAt"}],
        },
        {"id": 3, "text": "great", "label": ["positive"]},
        {"text": "exampleA", "entities": [[0, 1, "LOC"]], "cats": ["positive"]},
        {"text": "exampleD"},
    ]
    assert read(tmp_path, *rows) == [
        Example("EU rejects German call", (Span(0, 2, "ORG"), Span(11, 17, "MISC"))),
        Example("Google was founded", (Span(0, 6, "ORG"),)),
        Example("great", (), "positive"),
        Example("exampleA", (Span(0, 1, "LOC"),), "positive"),
        Example("exampleD"),
    ]


def test_doccanos_own_emoji_example_counts_utf_16_code_units(tmp_path):
    """From doccano's issue 2290: `firetrucks` stands at 22 to 32, where Python counts 19 to 29."""
    row = {"text": "👨🏻‍🚒 firemen drive firetrucks", "label": [[22, 32, "X"]]}
    [example] = read(tmp_path, row)
    assert example.mentions() == ("firetrucks",)
    assert json.loads(write(tmp_path, example))["label"] == row["label"]
    assert json.loads(write(tmp_path, example, offsets="characters"))["label"] == [[19, 29, "X"]]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"txt": "a"}, "the field 'text' must be a string, was: None"),
        (
            {"text": "a", "label": ["x"], "cats": ["y"]},
            "the fields 'label', 'cats' differ in the class; say which is meant with",
        ),
        ({"text": "a", "label": {"x": "y"}}, "spans must be a list, was: {'x': 'y'}"),
        ({"text": "a", "label": [[0, 1]]}, "start and end, two whole numbers, and a label, was: [0, 1]"),
        (
            {"text": "a", "label": [[0, True, "X"]]},
            "a span must have start and end, two whole numbers, and a label, was: [0, True, 'X']",
        ),
        ({"text": "a", "entities": [3]}, "the field 'entities' looks like a list of tags, one a token, and would not"),
        (
            {"text": "😀", "offsets": "utf16", "label": [[0, 1, "X"]]},
            "an offset must not lie inside a character, was: 1, the middle of '😀'",
        ),
        (
            {"text": "😀 (Ann) ran", "label": [[3, 6, "PER"]]},
            "a span 'PER' is 'Ann' in characters ('characters'), '(An' in UTF-16 code units ('utf16'), "
            "'Ann' in graphemes ('graphemes'); say what offsets count with the option 'offsets'",
        ),
        ({"text": "a b", "label": [[0, 2, "X"]]}, "span 0-2 'X' begins or ends in white space: 'a '"),
        ([1], "a line must be a JSON object, was: '[1]'"),
    ],
)
def test_a_fault_says_which_line_and_what_must_hold(tmp_path, row, message):
    with pytest.raises(FormatError) as caught:
        read(tmp_path, {"text": "fine"}, row)
    assert str(caught.value).startswith(f"{tmp_path / 'export.jsonl'}:2: ")
    assert message in str(caught.value)


def test_a_line_that_is_no_json_is_a_fault(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text('{"text": "a"}\n\n{"text"\n', encoding="utf-8")
    with pytest.raises(FormatError, match=r"x.jsonl:3: a line must be a JSON object: Expecting ':'"):
        formats.read(path, "doccano")


def test_spans_and_class_must_be_two_fields():
    with pytest.raises(OptionError, match="options 'spans' and 'label' must be two fields, were both: 'label'"):
        Doccano(label="label")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('{"text": "a", "label": [[0, 1, "X"]]}', "doccano"),
        ('{"text": "a", "label": []}', "doccano"),
        ('{"text": "a", "entities": [{"start_offset": 0, "end_offset": 1, "label": "X"}]}', "doccano"),
        ('{"text": "a"}\n{"text": "a", "label": ["x"]}', "doccano"),
        ('{"text": "a", "label": "x", "spans": [{"start": 0, "end": 1, "label": "X"}]}', "jsonl"),
        ('{"text": "a", "entities": [{"start": 0, "end": 1, "label": "X"}]}', "jsonl"),
        ('{"text": "\\"start_offset\\": [1]"}', "jsonl"),
    ],
)
def test_it_is_known_by_content_and_takes_no_plain_json_lines(tmp_path, line, name):
    path = tmp_path / "x.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    assert registry.name_of(files.find(path)) == name


def test_it_is_known_by_name_for_writing(tmp_path):
    assert isinstance(files.find_for_writing(tmp_path / "x.doccano.jsonl"), Doccano)


@pytest.mark.parametrize("offsets", ["characters", "utf16"])
def test_hostile_and_real_texts_come_back(tmp_path, public_or_twin, offsets):
    assert_round_trip(HOSTILE, tmp_path / "hostile.jsonl", "doccano", offsets=offsets)
    assert_round_trip(snips(public_or_twin), tmp_path / "snips.jsonl", "doccano", offsets=offsets, spans="entities")
