import pytest

from textsynth.reading.field_names import (
    CLASS_NAMES,
    END_NAMES,
    SPANS_NAMES,
    START_NAMES,
    TEXT_NAMES,
    describe_annotation,
    find_name,
    is_known,
    looks_like_annotation,
    parse_literal,
)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ([[0, 3, "PER"]], "a list of offsets"),
        ([["PER", 0, 3]], "a list of offsets"),
        ([("T1", "PER", [[0, 3]])], "a list of offsets"),
        ([[0, 3]], "a list of offsets"),
        ([[], [0, 3, "PER", 0.9]], "a list of offsets"),
        ({"PER": [[0, 3]]}, "a list of offsets"),
        ({"entities": [[0, 3, "PER"]]}, "a list of offsets"),
        ([{"start": 0, "end": 3}], "a list of objects with start and end"),
        ([{"startOffset": 0, "endOffset": 3}], "a list of objects with start and end"),
        ([{"begin": 0, "end": 3, "type": "PER"}], "a list of objects with start and end"),
        ({"start": [0], "end": [3], "label": ["PER"]}, "a list of objects with start and end"),
        ([{"label": ["PER"], "points": [{"start": 0, "end": 2}]}], "a list of objects with start and end"),
        ([{"result": [{"value": {"start": 0, "end": 3, "labels": ["PER"]}}]}], "a list of objects with start and end"),
        (["B-PER", "I-PER", "O"], "a list of tags"),
        (["PER-B", "O"], "a list of tags"),
        (["O", "O"], "a list of tags"),
        (["PER", "O"], "a list of tags"),
        ('[{"start": 0, "end": 3, "labels": ["PER"]}]', "a string of objects with start and end"),
        ("[(0, 3, 'PER')]", "a string of offsets"),
        ("['B-PER', 'O']", "a string of tags"),
        ("[B-PER", None),
        ("[1]", None),
        ("{not json}", None),
        ("a text", None),
        (["red", "blue"], None),
        ([0, 3], None),
        ({"size": [640, 480]}, None),
        ([0.5, 3.25], None),
        (list(range(40)), None),
        ([[0.1, 0.2], [0.3, 0.4]], None),
        ([True, False], None),
        ({"source": "web", "year": 2020}, None),
        ({"tokens": [{"start": 0, "end": 3}]}, None),
        ({"start": "2020-01-01", "end": "2020-02-01"}, None),
        ([], None),
        (None, None),
        (3, None),
    ],
)
def test_what_looks_like_an_annotation(value, kind):
    assert looks_like_annotation(value) == kind


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("intent", "greet", "a class"),
        ("Target", 3, "a class"),
        ("labels", ["joy", "love"], "a list of classes"),
        ("cats", {"greet": 1.0, "other": 0}, "an object of classes"),
        ("ner_tags", [0, 1, 2], "a list of tags"),
        ("ner_tags", [0], "a list of tags"),
        ("tags", ["news"], "a list of tags"),
        ("tokens", [{"start": 0, "end": 3, "id": 0}], None),
        ("id", 7, None),
        ("source", "web", None),
        ("labels", [], None),
        ("label", None, None),
        ("spans", "", None),
        ("more", [{"start": 0, "end": 1}], "a list of objects with start and end"),
    ],
)
def test_what_a_field_looks_like_by_name_and_value(name, value, kind):
    assert describe_annotation(name, value) == kind


def test_names_are_found_in_the_order_of_the_known_ones_however_they_are_written():
    assert find_name(["Full Text", "id", "Text"], TEXT_NAMES) == "Text"
    assert find_name(["endOffset", "startOffset"], START_NAMES) == "startOffset"
    assert find_name(["endOffset", "startOffset"], END_NAMES) == "endOffset"
    assert find_name([3, None], TEXT_NAMES) is None
    assert find_name({"category": 1}, CLASS_NAMES) == "category"
    assert is_known("NER-Tags", SPANS_NAMES)
    assert not is_known("net", SPANS_NAMES)


@pytest.mark.parametrize("string", ["", "[", "[1", "[" * 9999 + "]" * 9999, "{1: {}", "['a' +]", "[x]", "{1}"])
def test_strings_that_hold_no_list_and_no_object(string):
    assert parse_literal(string) is None
