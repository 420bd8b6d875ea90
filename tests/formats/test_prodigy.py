import json

import pytest
from hostile_corpus import HOSTILE, assert_round_trip, snips

from textsynth import formats
from textsynth.components import registry
from textsynth.conversion import files
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.errors import FormatError, UnknownName
from textsynth.formats.prodigy import Prodigy


def read(tmp_path, *rows):
    path = tmp_path / "tasks.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return list(formats.read(path, "prodigy"))


def test_an_example_is_written_as_prodigy_has_it(tmp_path):
    path = tmp_path / "out.jsonl"
    example = Example("😀  Ada Ng's", (Span(3, 9, "PERSON"),), "greet", "made", "p1")
    formats.write(Corpus.from_examples([example]), path, "prodigy")
    assert json.loads(path.read_text(encoding="utf-8")) == {
        "text": "😀  Ada Ng's",
        "tokens": [
            {"text": "😀", "start": 0, "end": 1, "id": 0, "ws": True},
            {"text": "Ada", "start": 3, "end": 6, "id": 1, "ws": True},
            {"text": "Ng", "start": 7, "end": 9, "id": 2, "ws": False},
            {"text": "'", "start": 9, "end": 10, "id": 3, "ws": False},
            {"text": "s", "start": 10, "end": 11, "id": 4, "ws": False},
        ],
        "spans": [{"start": 3, "end": 9, "label": "PERSON", "token_start": 1, "token_end": 2}],
        "label": "greet",
        "meta": {"origin": "made", "parent": "p1"},
        "answer": "accept",
    }


def test_tokens_and_spans_count_from_0_in_every_text(tmp_path):
    path = tmp_path / "out.jsonl"
    corpus = Corpus.from_columns(text=["a b", "", "c d"], spans=[[(2, 3, "X")], [], [(0, 1, "X"), (2, 3, "Y")]])
    formats.write(corpus, path, "prodigy")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [[token["id"] for token in row["tokens"]] for row in rows] == [[0, 1], [], [0, 1]]
    assert [[(span["token_start"], span["token_end"]) for span in row["spans"]] for row in rows] == [
        [(1, 1)],
        [],
        [(0, 0), (1, 1)],
    ]


def test_only_accepted_tasks_are_read(tmp_path):
    span = {"start": 0, "end": 1, "token_start": 0, "token_end": 0, "label": "X"}
    rows = [
        {"text": "a", "spans": [span], "answer": "accept", "_input_hash": 1},
        {"text": "b", "answer": "reject"},
        {"text": "c", "answer": "ignore"},
        {"text": "d", "spans": None},
    ]
    assert read(tmp_path, *rows) == [Example("a", (Span(0, 1, "X"),)), Example("d")]


def span_of(start, end, label):
    return {"start": start, "end": end, "token_start": 0, "token_end": 0, "label": label}


def test_tasks_that_were_not_accepted_and_fields_of_others_are_named(tmp_path, caplog):
    rows = [
        {"text": "a", "answer": "accept", "_timestamp": 1, "meta": {"x": 1}, "source": "web"},
        {"text": "b", "answer": "reject"},
        {"text": "c", "answer": "ignore"},
        {"text": "d", "answer": "ignore"},
    ]
    read(tmp_path, *rows)
    assert [record.getMessage() for record in caplog.records] == [
        f"{tmp_path / 'tasks.jsonl'}: not read: source, 2 tasks with the answer 'ignore', "
        "1 task with the answer 'reject'; 'ignore' takes what is to go unsaid"
    ]


def test_sessions_with_one_input_are_one_example_with_the_spans_of_all(tmp_path):
    rows = [
        {"text": "Ann in Rome", "spans": [span_of(0, 3, "PER")], "answer": "accept", "_input_hash": -5},
        {"text": "other", "answer": "accept", "_input_hash": 6},
        {"text": "Ann in Rome", "spans": [span_of(7, 11, "LOC")], "answer": "reject", "_input_hash": -5},
        {"text": "Ann in Rome", "spans": [span_of(7, 11, "CITY"), span_of(0, 3, "PER")], "_input_hash": -5},
        {"text": "Ann in Rome", "label": "travel", "answer": "accept", "_input_hash": -5},
    ]
    merged = Example("Ann in Rome", (Span(0, 3, "PER"), Span(7, 11, "CITY")), "travel")
    assert read(tmp_path, *rows) == [Example("other"), merged]


@pytest.mark.parametrize(
    ("second", "says"),
    [
        ({"spans": [span_of(0, 7, "PER")]}, 'overlaps the span before it, which ends at 3; mend it with repair = ["lo'),
        ({"label": "y"}, ":2: tasks with one '_input_hash' must agree, have 'x' and 'y'; the other is on line 1"),
        ({"text": "else"}, ":2: tasks with one '_input_hash' must agree, have different texts; the other is on line 1"),
    ],
)
def test_sessions_that_conflict_are_refused(tmp_path, second, says):
    first = {"text": "Ann Lee", "spans": [span_of(0, 3, "PER")], "label": "x", "_input_hash": 5}
    with pytest.raises(FormatError) as caught:
        read(tmp_path, first, {"text": "Ann Lee", "_input_hash": 5} | second)
    assert says in str(caught.value)


def test_a_field_that_looks_like_an_annotation_is_refused(tmp_path):
    with pytest.raises(FormatError, match="the field 'ents' looks like a list of offsets and would not be read"):
        read(tmp_path, {"text": "Ann", "ents": [[0, 3, "PER"]], "answer": "accept"})


def test_it_is_known_by_a_first_record_of_any_length(tmp_path):
    path = tmp_path / "x.jsonl"
    task = {"text": "Ann " + "word " * 30_000, "spans": [span_of(0, 3, "PER")], "answer": "accept"}
    path.write_text(json.dumps(task) + "\n" + json.dumps({"text": "b", "answer": "reject"}) + "\n", encoding="utf-8")
    assert registry.name_of(files.find(path)) == "prodigy"
    assert len(formats.read(path)) == 1


def test_what_was_recognised_is_said_if_the_name_does_not_say_it(tmp_path, caplog):
    for name, said in {"x.jsonl": ["read as prodigy"], "x.prodigy.jsonl": []}.items():
        (tmp_path / name).write_text('{"text": "a", "answer": "accept"}\n', encoding="utf-8")
        caplog.clear()
        formats.read(tmp_path / name)
        assert [record.getMessage() for record in caplog.records] == [f"{tmp_path / name}: {each}" for each in said]


def test_what_explains_more_fields_wins_or_both_are_named(tmp_path):
    path = tmp_path / "x.jsonl"
    both = {"text": "a", "label": ["x"], "answer": "accept"}
    path.write_text(json.dumps(both | {"_input_hash": 1}), encoding="utf-8")
    assert registry.name_of(files.find(path)) == "prodigy"
    path.write_text(json.dumps({"text": "a", "label": ["x"], "answer": "accept", "id": 1}), encoding="utf-8")
    with pytest.raises(
        UnknownName, match="the formats doccano and prodigy fit its content equally well; name one with"
    ):
        files.find(path)


def test_the_class_is_the_label_or_the_only_choice(tmp_path):
    options = [{"id": "good", "text": "Good"}, {"id": "bad", "text": "Bad"}]
    rows = [
        {"text": "a", "label": "good", "answer": "accept"},
        {"text": "b", "options": options, "accept": ["bad"], "answer": "accept"},
        {"text": "c", "options": options, "accept": [], "answer": "accept"},
    ]
    assert [example.label for example in read(tmp_path, *rows)] == ["good", "bad", None]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"text": 3}, "the field 'text' must be a string, was: 3"),
        ({"text": "a", "answer": "yes"}, "the answer must be one of accept, reject, ignore, was: 'yes'"),
        (
            {"text": "a", "accept": ["x"], "label": "y"},
            "the fields 'label' and 'accept' must say the same, say 'y' and 'x'",
        ),
        ({"text": "a", "accept": 1}, "the field 'accept' must be a list, was: 1"),
        (
            {"text": "a", "label": {"x": 1}},
            "the field 'label' must be a class, a string or a whole number, was: {'x': 1}",
        ),
        (
            {"text": "a", "spans": [{"start": 0, "end": 1}]},
            "a span must have start and end, two whole numbers, and a label, was: ",
        ),
        ({"text": "a", "spans": [{"start": 0, "end": 9, "label": "X"}]}, "span 0-9 'X' reaches outside the text of 1"),
        ({"text": "\ud83d"}, "the text must be Unicode characters, has a lone surrogate at character 0"),
        ("x", "a line must be a JSON object, was: '\"x\"'"),
    ],
)
def test_a_fault_says_which_line_and_what_must_hold(tmp_path, row, message):
    with pytest.raises(FormatError) as caught:
        read(tmp_path, {"text": "fine"}, row)
    assert str(caught.value).startswith(f"{tmp_path / 'tasks.jsonl'}:2: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('{"text": "a", "answer": "accept"}', "prodigy"),
        ('{"text": "a", "spans": [{"start": 0, "end": 1, "token_start": 0, "token_end": 0, "label": "X"}]}', "prodigy"),
        ('{"text": "a", "spans": []}\n{"text": "b", "answer": "reject"}', "prodigy"),
        ('{"text": "the answer", "spans": [{"start": 0, "end": 1, "label": "X"}]}', "jsonl"),
    ],
)
def test_it_is_known_by_content_and_takes_no_plain_json_lines(tmp_path, line, name):
    path = tmp_path / "x.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    assert registry.name_of(files.find(path)) == name


def test_it_is_known_by_name_for_writing(tmp_path):
    assert isinstance(files.find_for_writing(tmp_path / "x.prodigy.jsonl"), Prodigy)


def test_hostile_and_real_texts_come_back(tmp_path, public_or_twin):
    assert_round_trip(HOSTILE, tmp_path / "hostile.jsonl", "prodigy")
    assert_round_trip(snips(public_or_twin), tmp_path / "snips.jsonl", "prodigy")
