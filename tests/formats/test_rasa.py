import pytest
import yaml
from hypothesis import given
from strategies import spans_in, texts

from textsynth import formats
from textsynth.components import registry
from textsynth.conversion import files
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.errors import CarryError, FormatError
from textsynth.reading.rasa_marks import read_marks, write_marks

NLU = """version: "3.1"
nlu:
- intent: travel/fly
  examples: |
    - fly to [Rome](city)

    - fly to [LA]{"entity": "city", "value": "Los Angeles", "role": "to"}
- intent: "yes"
  examples:
  - yes
  - text: |
      sure
    metadata:
      sentiment: glad
- lookup: city
  examples: |
    - Rome
- regex: zip
  examples: |
    - \\d{5}
- synonym: Los Angeles
  examples: |
    - LA
stories:
- story: one
"""


def save(tmp_path, content):
    path = tmp_path / "nlu.yml"
    path.write_text(content, encoding="utf-8")
    return path


def test_intents_and_marked_mentions_are_read_and_the_rest_is_named(tmp_path, caplog):
    path = save(tmp_path, NLU)
    assert registry.name_of(files.find(path)) == "rasa"
    assert list(formats.read(path)) == [
        Example("fly to Rome", (Span(7, 11, "city"),), "travel/fly"),
        Example("fly to LA", (Span(7, 9, "city"),), "travel/fly"),
        Example("yes", (), "yes"),
        Example("sure", (), "yes"),
    ]
    unread = "stories, the value of mentions, the role of mentions, metadata, lookup, regex, synonym"
    assert f"not read: {unread};" in caplog.text


def test_what_is_written_is_yaml_that_rasa_reads(tmp_path):
    path = tmp_path / "out.yml"
    made = [
        Example("to Rome", (Span(3, 7, "city"),), "yes"),
        Example("to Oslo", (Span(3, 7, "a:b"),), "yes"),
        Example("hm: # no", (), None),
    ]
    formats.write(Corpus.from_examples(made), path)
    assert yaml.safe_load(path.read_text()) == {
        "version": "3.1",
        "nlu": [
            {"intent": "yes", "examples": '- to [Rome](city)\n- to [Oslo]{"entity": "a:b"}\n'},
            {"intent": "unlabelled", "metadata": {"class": "none"}, "examples": "- hm: # no\n"},
        ],
    }
    assert list(formats.read(path)) == made


@pytest.mark.parametrize(
    "text", ["", " a", "a ", "a\nb", "[a](b)", 'a [b]{"entity": "c"}', "a\x85b", "a\u2028b", "a\x00b"]
)
def test_what_would_be_read_otherwise_is_refused(text, tmp_path):
    with pytest.raises(CarryError, match="example 1: a text must be one line without white space at its ends or bra"):
        formats.write(Corpus.from_columns(text=["fine", text]), tmp_path / "x.yml")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("nlu:\n- intent: a\n  examples: |\n    - x\n    y\n", ":5: an example must begin with '-', was: 'y'"),
        ("nlu:\n- intnt: a\n", ":2: a section of 'nlu' must have one of intent, synonym, regex, lookup"),
        ("nlu:\n- intent: a\n", ":2: an intent must have a name and examples"),
        ("nlu:\n- intent: a\n  examples:\n  - txt: b\n", ":4: an example must have a 'text'"),
        ("nlu:\n- intent: a\n  examples: |\n    - [x]{no}\n", ":4: the mark {no} must be a JSON object with 'entity'"),
        ("nlu: [\n", ":2: must be YAML: "),
        ("- nlu\n", ": must be YAML with the key 'nlu', is not"),
    ],
)
def test_a_fault_says_which_line_and_what_must_hold(content, says, tmp_path):
    path = save(tmp_path, content)
    with pytest.raises(FormatError) as caught:
        formats.read(path)
    assert str(caught.value).startswith(f"{path}{says}")


def test_sections_may_be_passed_over_without_a_word(tmp_path, caplog):
    formats.read(save(tmp_path, NLU), options={"ignore": ["lookup", "regex", "synonym", "stories", "metadata"]})
    assert "not read: the value of mentions, the role of mentions;" in caplog.text


@given(texts().flatmap(lambda text: spans_in(text).map(lambda spans: (text, spans))))
def test_marks_that_can_be_read_back_are(drawn):
    text, spans = drawn
    triples = [(span.start, span.end, span.label) for span in spans]
    read = read_marks(write_marks(text, triples))
    if "[" not in text and "]" not in text and "}" not in "".join(label for _, _, label in triples):
        assert (read.text, read.spans) == (text, triples)
