import csv
import json

import pytest
from hostile_corpus import HOSTILE, assert_round_trip, snips

from textsynth import formats
from textsynth.components import registry
from textsynth.conversion import files
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.errors import FormatError
from textsynth.formats.label_studio import LabelStudio
from textsynth.reading.records import Faults


def task(text="Ada in Rome", result=(), **annotation):
    return {"id": 7, "data": {"text": text}, "annotations": [{"id": 3, "result": list(result), **annotation}]}


def labels(start, end, label="PERSON", **value):
    value = {"start": start, "end": end, "labels": [label], **value}
    return {"id": "a", "from_name": "ner", "to_name": "text-1", "type": "labels", "value": value}


def choices(*names, **value):
    return {"from_name": "x", "to_name": "text", "type": "choices", "value": {"choices": list(names), **value}}


def read(tmp_path, tasks, **options):
    path = tmp_path / "export.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    return formats.read(path, options=options)


def fault(tmp_path, tasks, **options):
    with pytest.raises(FormatError) as caught:
        read(tmp_path, tasks, **options)
    return str(caught.value).removeprefix(f"{tmp_path}/")


def test_an_example_is_written_as_label_studio_imports_it(tmp_path):
    path = tmp_path / "out.json"
    corpus = Corpus.from_examples([Example("😀 Ada", (Span(2, 5, "PERSON"),), "greet", "made", "p1"), Example("hi")])
    formats.write(corpus, path, "label_studio")
    value = {"start": 3, "end": 6, "text": "Ada", "labels": ["PERSON"]}
    span = {"id": "span-1", "from_name": "label", "to_name": "text", "type": "labels", "value": value}
    choice = {"choices": ["greet"]}
    label = {"id": "class", "from_name": "sentiment", "to_name": "text", "type": "choices", "value": choice}
    assert json.loads(path.read_text(encoding="utf-8")) == [
        {
            "data": {"text": "😀 Ada"},
            "annotations": [{"result": [span, label]}],
            "meta": {"origin": "made", "parent": "p1"},
        },
        {"data": {"text": "hi"}, "annotations": [{"result": []}]},
    ]
    assert len(path.read_text(encoding="utf-8").splitlines()) == 4


def test_names_are_options(tmp_path):
    path = tmp_path / "out.json"
    corpus = Corpus.from_examples([Example("Ada", (Span(0, 3, "PERSON"),), "greet")])
    options = {"text": "body", "from_name": "ner", "choices_from_name": "intent", "to_name": "t"}
    formats.write(corpus, path, "label_studio", options=options)
    [written] = json.loads(path.read_text(encoding="utf-8"))
    assert written["data"] == {"body": "Ada"}
    assert [(each["from_name"], each["to_name"]) for each in written["annotations"][0]["result"]] == [
        ("ner", "t"),
        ("intent", "t"),
    ]
    assert formats.read(path, options={"text": "body"}) == corpus


def test_label_studios_own_emoji_example_counts_characters(tmp_path):
    """From its integration tests: `test` stands at 21 to 25, where JavaScript counts 22 to 26."""
    text = "🐱 Warning: This is a test text"
    corpus = read(tmp_path, [task(text, [labels(21, 25, text="test")])])
    assert corpus[0].mentions() == ("test",)


def test_old_exports_count_utf_16_code_units_before_and_inside_spans(tmp_path):
    text = "💩This 😀😀 is"
    spans = [labels(2, 6, text="This"), labels(7, 11, "EMOJI", text="😀😀"), labels(12, 14, text="is")]
    corpus = read(tmp_path, [task(text, spans)], offsets="utf16")
    assert corpus[0].mentions() == ("This", "😀😀", "is")
    formats.write(corpus, tmp_path / "again.json", "label_studio", options={"offsets": "utf16"})
    [written] = json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))
    values = [result["value"] for result in written["annotations"][0]["result"]]
    assert [(value["start"], value["end"]) for value in values] == [(2, 6), (7, 11), (12, 14)]


@pytest.mark.parametrize("span", [labels(1, 6), labels(0, 1)])
def test_an_offset_inside_a_surrogate_pair_is_a_fault(tmp_path, span):
    assert fault(tmp_path, [task("a"), task("💩This", [span])], offsets="utf16") == (
        "export.json:task 2: an offset must not lie inside a character, was: 1, the middle of '💩'"
    )


@pytest.mark.parametrize("span", [labels(2, 5, text="Ada"), labels(3, 6, text="Ada"), labels(3, 6)])
def test_offsets_are_read_the_way_that_agrees_with_the_text_beside_them(tmp_path, span):
    assert read(tmp_path, [task("💩 Ada x", [span])])[0].mentions() == ("Ada",)


@pytest.mark.parametrize(("offsets", "place", "there"), [("characters", "4-7", "a x"), ("utf16", "3-6", "da ")])
def test_text_that_disagrees_with_its_offsets_is_a_fault(tmp_path, offsets, place, there):
    tasks = [task("💩 Ada x", [labels(4, 7, text="Ada")])]
    assert fault(tmp_path, tasks, offsets=offsets) == (
        f"export.json:task 1: span {place} 'PERSON' must be the text that stands beside it, 'Ada', was: {there!r}; "
        'mend it with repair = ["quote"]'
    )
    assert read(tmp_path, tasks, offsets=offsets, repair=["quote"])[0].mentions() == ("Ada",)


def test_offsets_that_read_differently_are_refused_if_no_text_stands_beside_them(tmp_path):
    tasks = [task("😀 (Ann) ran", [labels(3, 6)])]
    assert "a span 'PERSON' is 'Ann' in characters ('characters'), '(An' in UTF-16 code" in fault(tmp_path, tasks)
    assert read(tmp_path, tasks, offsets="characters")[0].mentions() == ("Ann",)


def annotated(*answers, **more):
    annotations = [{"result": list(result), **marks} for result, marks in answers]
    return {"data": {"text": "Ann in Rome"}, "annotations": annotations, **more}


ANN, ROME = labels(0, 3), labels(7, 11, "LOC")
DIFFERING = annotated(([ANN], {}), ([ANN, ROME], {}))
SAME = annotated(([ANN, ROME], {}), ([ROME, ANN], {}), ([], {"was_cancelled": True}))


@pytest.mark.parametrize(
    ("tasks", "options", "mentions"),
    [
        ([annotated(([ANN], {}), ([ANN, ROME], {"ground_truth": True}))], {}, [("Ann", "Rome")]),
        ([SAME], {}, [("Ann", "Rome")]),
        ([DIFFERING], {"answers": "first"}, [("Ann",)]),
        ([DIFFERING, SAME], {"answers": "agree"}, [("Ann", "Rome")]),
        ([annotated(predictions=[{"result": [ANN], "score": 0.5}])], {"predictions": True}, [("Ann",)]),
        ([annotated(([ROME], {}), predictions=[{"result": [ANN]}])], {"predictions": True}, [("Rome",)]),
        ([annotated(([labels(0, 3, labels=["PER", "Pilot"])], {}))], {"several_labels": "first"}, [("Ann",)]),
        ([annotated(([labels(0, 4)], {}))], {"repair": ["trim"]}, [("Ann",)]),
    ],
)
def test_which_of_several_answers_is_read(tmp_path, tasks, options, mentions):
    assert [example.mentions() for example in read(tmp_path, tasks, **options)] == mentions


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (
            DIFFERING,
            'task 1: the 2 annotations of a task must agree, differ; read the first with answers = "first", or',
        ),
        (
            annotated(([labels(0, 3, labels=["PER", "Pilot"])], {})),
            'task 1: a region must have one label, has: PER, Pilot; read the first with several_labels = "first"',
        ),
        (
            {"data": {"text": "Ann", "gold": [[0, 3, "PER"]]}, "annotations": [{"result": []}]},
            "task 1: the field 'gold' of 'data' looks like a list of offsets and would not be read; pass over it with",
        ),
        (
            {"data": {"text": "Ann"}, "predictions": 3},
            "task 1: the field 'predictions' must be a list of objects, was: 3",
        ),
    ],
)
def test_answers_that_differ_and_what_would_not_be_read_are_refused(tmp_path, made, says):
    assert says in fault(tmp_path, [made], predictions=True)


def test_what_is_not_read_is_named_and_tasks_passed_over_are_counted(tmp_path, caplog):
    tasks = [
        task("Ann", [labels(0, 3), {"type": "relation"}, choices("sure", start=0, end=3)]),
        {"data": {"text": "a", "url": "x"}, "annotations": [], "predictions": [{"result": []}]},
        {"data": {"text": "b"}},
        task("c", was_cancelled=True),
        DIFFERING | {"data": {"text": "Ann in Rome", "url": "x"}},
    ]
    read(tmp_path, tasks, answers="agree")
    assert [record.getMessage() for record in caplog.records] == [
        f"{tmp_path / 'export.json'}: read as label_studio",
        f"{tmp_path / 'export.json'}: not read: results of type 'relation', choices for a region, "
        "predictions (read with predictions = true), "
        "data.url, 2 tasks without an annotation, 1 task whose annotations were all cancelled, "
        "1 task whose annotations differ; 'ignore' takes what is to go unsaid",
    ]


ROWS = [
    {"text": "Ann ran", "id": 1, "ner": [{"start": 0, "end": 3, "text": "Ann", "labels": ["PER"]}], "annotator": 1},
    {"text": "hi", "id": 2, "sentiment": "good", "annotator": 1, "annotation_id": 5, "lead_time": 1.5},
    {"text": "no", "id": 3, "tone": {"choices": ["bad"]}, "url": "x", "annotator": 2},
]
READ = [Example("Ann ran", (Span(0, 3, "PER"),)), Example("hi", (), "good"), Example("no", (), "bad")]


def test_json_min_is_recognised_and_read(tmp_path, caplog):
    assert list(read(tmp_path, ROWS)) == READ
    assert "not read: data.url" in caplog.text
    path = tmp_path / "export.json"
    assert registry.name_of(files.find(path)) == "label_studio"


@pytest.mark.parametrize("mark", [",", "\t"])
def test_csv_is_recognised_and_read(tmp_path, mark):
    path = tmp_path / f"export{'.csv' if mark == ',' else '.tsv'}"
    names = ["text", "id", "ner", "sentiment", "tone", "url", "annotator", "annotation_id", "lead_time"]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, names, delimiter=mark)
        writer.writeheader()
        for row in ROWS:
            cells = {name: value if isinstance(value, str) else json.dumps(value) for name, value in row.items()}
            writer.writerow(cells)
    assert registry.name_of(files.find(path)) == "label_studio"
    assert list(formats.read(path)) == READ


def test_rows_of_one_task_are_its_answers(tmp_path):
    second = {"text": "Ann ran", "id": 1, "ner": [], "annotator": 2}
    assert "the 2 annotations of a task must agree" in fault(tmp_path, [*ROWS, second])
    assert list(read(tmp_path, [*ROWS, second], answers="first")) == READ
    assert len(read(tmp_path, [*ROWS, second], answers="agree")) == 2


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b'text,id,annotator\n"a"b,1,1\n', "x.csv:2: must be quoted as CSV is: "),
        (b"text,id,annotator\n\xff,1,1\n", "x.csv: must be UTF-8, has byte 0xff at 18"),
        (b"id,annotator\n1,1\n", "x.csv:task 1: the field 'text' of 'data' must be a string, was: None"),
    ],
)
def test_a_bad_table_is_refused(tmp_path, raw, says):
    path = tmp_path / "x.csv"
    path.write_bytes(raw)
    with pytest.raises(FormatError) as caught:
        formats.read(path, "label_studio")
    assert says in str(caught.value)


def test_white_space_and_escaped_line_ends_do_not_disagree(tmp_path):
    corpus = read(tmp_path, [task("a  b\r\nc", [labels(0, 7, text="a b\\n\\nc")])])
    assert corpus[0].mentions() == ("a  b\r\nc",)


def test_tasks_without_a_valid_annotation_are_passed_over(tmp_path):
    second = {"result": [choices("good")], "was_cancelled": False}
    tasks = [
        task("cancelled", was_cancelled=True),
        {"data": {"text": "not annotated"}, "annotations": []},
        {"data": {"text": "kept"}, "annotations": [{"result": [], "was_cancelled": True}, second]},
    ]
    assert list(read(tmp_path, tasks)) == [Example("kept", (), "good")]


def test_other_results_and_choices_for_a_region_are_passed_over(tmp_path):
    relation = {"type": "relation", "from_id": "a", "to_id": "b"}
    corpus = read(tmp_path, [task("Ada", [relation, choices("sure", start=0, end=3), labels(0, 3)])])
    assert list(corpus) == [Example("Ada", (Span(0, 3, "PERSON"),))]


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ({"data": {}}, "export.json: must be a list of tasks, was: {'data': {}}"),
        (["x"], "export.json:task 1: a task must be an object with 'data', was: 'x'"),
        (
            [{"data": {"t": 1}, "annotations": [{"result": []}]}],
            "1: the field 'text' of 'data' must be a string, was: None",
        ),
        ([{"data": {}, "annotations": 3}], "1: the field 'annotations' must be a list of objects, was: 3"),
        (
            [{"data": {}, "annotations": [{}]}],
            "the field 'result' of an annotation must be a list of objects, was: None",
        ),
        ([task(result=[choices(1.5)])], "export.json:task 1: the field 'choices' must be a class, a string or a whole"),
        (
            [
                {
                    "data": {"text": "a"},
                    "annotations": [{"result": [{"type": "choices", "value": {"choices": {"a": 3}}}]}],
                }
            ],
            "was: {'a': 3}",
        ),
        ([task(result=[labels(0, 3, 4)])], "'labels': [4]}"),
        ([task(result=[labels("0", 3)])], "1: a span must have whole numbers 'start' and 'end' and a list of one of"),
        (
            [task(result=[{"type": "hypertextlabels"}])],
            "of type 'labels', on plain text, were of type 'hypertextlabels'",
        ),
        (
            [task(result=[labels(0, 99)])],
            "export.json:task 1: span 0-99 'PERSON' reaches outside the text of 11 characters",
        ),
        (
            [task(result=[labels(0, 3), labels(2, 6)])],
            "1: span 2-6 'PERSON' overlaps the span before it, which ends at 3",
        ),
    ],
)
def test_a_fault_says_which_task_and_what_must_hold(tmp_path, tasks, message):
    path = tmp_path / "export.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    with pytest.raises(FormatError) as caught:
        formats.read(path, "label_studio")
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_that_is_no_json_is_refused_with_its_line(tmp_path):
    path = tmp_path / "x.json"
    path.write_text('[{"data": {}},\n{]', encoding="utf-8")
    with pytest.raises(FormatError, match=r"x.json:2: must be JSON, .* at column 2"):
        formats.read(path, "label_studio")
    path.write_bytes(b'["\xff"]')
    with pytest.raises(FormatError, match=r"x.json: must be UTF-8, has byte 0xff at 2"):
        formats.read(path, "label_studio")


def test_bad_tasks_can_be_set_aside(tmp_path):
    path = tmp_path / "x.json"
    path.write_text(json.dumps([task(result=[labels(0, 99)]), task("kept"), 3]), encoding="utf-8")
    faults = Faults("skip")
    assert [len(batch) for batch in LabelStudio().read(path, faults)] == [1]
    assert [fault.line for _, fault in faults.rejected] == ["task 3", "task 1"]


def test_it_is_known_by_content_and_by_name(tmp_path):
    path = tmp_path / "x.json"
    assert LabelStudio.recognises(path, json.dumps([task()])) >= 2
    assert LabelStudio.recognises(path, '[{"text": "annotations"}]') == 0
    assert LabelStudio.recognises(tmp_path / "x.label_studio.json", "") == 1


@pytest.mark.parametrize("offsets", ["characters", "utf16"])
def test_hostile_and_real_texts_come_back(tmp_path, public_or_twin, offsets):
    assert_round_trip(HOSTILE, tmp_path / "hostile.json", "label_studio", offsets=offsets)
    assert_round_trip(snips(public_or_twin), tmp_path / "snips.json", "label_studio", offsets=offsets)
