from __future__ import annotations

import codecs
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import corpora, texts

from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.errors import FormatError, InputError, OptionError
from textsynth.extract import Slot, Template
from textsynth.extract.resources import Resources
from textsynth.extract.template import read_templates
from textsynth.extract.template_columns import TemplateColumns

SYNTAX = (
    "{",
    "}",
    "{{",
    "}}",
    "{PERSON}",
    "\\",
    "\\n",
    ":2",
    ":",
    "\n",
    "\t",
    "\r",
    "\r\n",
    "\u2028",
    "\x00",
    " ",
    "# ",
)


def hostile_texts(min_size: int = 0) -> st.SearchStrategy[str]:
    """Text full of the syntax of templates, and of everything else."""
    piece = st.one_of(st.sampled_from(SYNTAX), st.sampled_from(SYNTAX), texts(), st.text(max_size=3))
    return st.lists(piece, max_size=6).map("".join).filter(lambda text: len(text) >= min_size)


@st.composite
def templates(draw: st.DrawFn) -> Template:
    """Templates of hostile literals, labels and classes."""
    slot = st.builds(Slot, hostile_texts(1), st.sampled_from([1, 2, 3, 10, 0]))
    slots = draw(st.lists(slot, max_size=4))
    literals = draw(st.lists(hostile_texts(), min_size=len(slots) + 1, max_size=len(slots) + 1))
    label = draw(st.one_of(st.none(), hostile_texts(1)))
    return Template(tuple(literals), tuple(slots), label, draw(st.integers(1, 1000)))


def parse(written: str) -> Template:
    return Template.parse(written)


def of(text: str, *spans: tuple[int, int, str]) -> Template:
    return Template.of(Example(text, tuple(Span(*span) for span in spans)))


@given(templates())
@example(Template(("{", "}"), (Slot("PERSON"),)))
@example(Template(("", ""), (Slot("PERSON:2"),)))
@example(Template(("", ""), (Slot("PERSON:2\n", 2),)))
@example(Template(("", "}"), (Slot("{}\\", 2),)))
@example(Template(("\\", "\\"), (Slot(":"),)))
@example(Template(("", "", ""), (Slot("x:\u0663"), Slot("5"))))
def test_what_is_written_parses_back_equal(template: Template):
    assert Template.parse(template.to_text(), template.label, template.count) == template


@given(templates())
def test_the_written_form_is_one_line_without_tabs(template: Template):
    assert not set(template.to_text()) & set("\n\r\t")


@given(st.lists(templates(), min_size=1, max_size=5))
def test_templates_tsv_reads_back_equal(made: list[Template]):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "templates.tsv"
        TemplateColumns.of(made).write_lines(path)
        assert list(read_templates(path)) == made


@given(corpora())
def test_templates_of_a_corpus_read_back_equal(corpus: Corpus):
    made = TemplateColumns.of_corpus(Resources.of(corpus).source)
    assert sum(each.count for each in made) == len(corpus)
    with tempfile.TemporaryDirectory() as folder:
        made.write_lines(Path(folder) / "templates.tsv")
        assert read_templates(Path(folder) / "templates.tsv") == tuple(made)


@given(corpora())
def test_a_template_and_its_mentions_are_the_text(corpus: Corpus):
    for each in corpus:
        template = Template.of(each)
        pieces = [*(part for pair in zip(template.literals, each.mentions(), strict=False) for part in pair)]
        assert "".join(pieces) + template.literals[-1] == each.text
        assert [slot.label for slot in template.slots] == [span.label for span in each.spans]


@given(templates())
def test_the_fingerprint_is_the_wording_whatever_the_class_and_count(template: Template):
    bare = Template(template.literals, template.slots)
    assert template.fingerprint() == bare.fingerprint()
    assert (
        bare.fingerprint()
        != Template((*template.literals[:-1], template.literals[-1] + "x"), template.slots).fingerprint()
    )


def test_syntax():
    template = parse("  {{{PERSON}}} wrote\\n{PERSON:2} \\\\ {Zoë 地名} \\{x\\} {PERSON}\t")
    assert template.literals == ("  {", "} wrote\n", " \\ ", " {x} ", "\t")
    assert template.slots == (Slot("PERSON"), Slot("PERSON", 2), Slot("Zoë 地名"), Slot("PERSON"))


def test_a_number_is_only_read_after_the_last_colon():
    assert parse("{a:b:3}{a:b}{a:}{:2:1}").slots == (Slot("a:b", 3), Slot("a:b"), Slot("a:"), Slot(":2"))


def test_slots_may_touch_and_stand_at_the_edges():
    assert parse("{A}{B}") == Template(("", "", ""), (Slot("A"), Slot("B")))


def test_equal_mentions_of_one_label_are_one_slot():
    template = of("Ann met Bo and Ann in Ann.", (0, 3, "P"), (8, 10, "P"), (15, 18, "P"), (22, 25, "CITY"))
    assert template.to_text() == "{P} met {P:2} and {P} in {CITY}."


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            "Hi {PERSON",
            "a brace must open or close a slot such as {PERSON}, or be doubled; was: '{PERSON' at character 3",
        ),
        ("Hi PERSON}!", "a brace must open or close a slot such as {PERSON}, or be doubled; was: '}!' at character 9"),
        ("{}", "a brace must open or close a slot such as {PERSON}, or be doubled; was: '{}' at character 0"),
        ("{a{b}}", "a brace must open or close a slot such as {PERSON}, or be doubled; was: '{a{b}}' at character 0"),
        ("{:2} is", "a slot must have a label, was: {:2}"),
        ("Hi \\", "a backslash must stand before a character, or be doubled, stands at the end"),
    ],
)
def test_what_is_no_template_is_refused(written: str, message: str):
    with pytest.raises(OptionError) as caught:
        parse(written)
    assert str(caught.value) == message


def test_counts_in_order_of_first_appearance():
    corpus = Corpus.from_columns(
        text=["Ann hi", "no one", "Bo hi", "Bo hi"],
        spans=[[(0, 3, "P")], [], [(0, 2, "P")], [(0, 2, "P")]],
        label=["greet", None, "greet", "part"],
    )
    made = [(each.count, each.label, each.to_text()) for each in Resources.of(corpus).templates]
    assert made == [(2, "greet", "{P} hi"), (1, None, "no one"), (1, "part", "{P} hi")]


def test_the_file_as_it_is_written(tmp_path: Path):
    path = tmp_path / "templates.tsv"
    templates = [Template.parse("a\\t{P} {{x}}", "gr\teet", 3), Template.parse("{P:2}")]
    TemplateColumns.of(templates).write_lines(path)
    assert path.read_bytes() == b"count\tlabel\ttemplate\n3\tgr\\teet\ta\\t{P} {{x}}\n1\t\t{P:2}\n"


def test_a_plain_list(tmp_path: Path):
    path = tmp_path / "templates.txt"
    path.write_text("# people\n\nDear {PERSON},\n  #{TAG} is in\\n\n#1 is {PERSON}\n   \n", encoding="utf-8")
    made = [(each.to_text(), each.label, each.count) for each in read_templates(path)]
    assert made == [("Dear {PERSON},", None, 1), ("  #{TAG} is in\\n", None, 1), ("#1 is {PERSON}", None, 1)]


@pytest.mark.parametrize("header", ["count\tlabel\ttemplate\n", ""])
def test_files_from_windows(tmp_path: Path, header: str):
    path = tmp_path / "templates.txt"
    cells = "2\t\t" if header else ""
    content = f"{header}{cells}Hi {{P}}\n{cells}{{P}} \u2028 ok\n".replace("\n", "\r\n")
    path.write_bytes(codecs.BOM_UTF8 + content.encode())
    assert [each.literals for each in read_templates(path)] == [("Hi ", ""), ("", " \u2028 ok")]


def test_a_table_with_comments_and_blank_lines(tmp_path: Path):
    path = tmp_path / "templates.tsv"
    path.write_text("count\tlabel\ttemplate\n# mine\n\n2\tgreet\tHi {P}\n1\t\t# {P}\n", encoding="utf-8")
    assert [(each.count, each.label, each.to_text()) for each in read_templates(path)] == [
        (2, "greet", "Hi {P}"),
        (1, None, "# {P}"),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "Hi\n\nHi {P\n",
            "3: a brace must open or close a slot such as {PERSON}, or be doubled; was: '{P' at character 3",
        ),
        (
            "count\tlabel\ttemplate\n1\tHi {P}\n",
            "2: a line must have count, label and template between tabs, has 2 cells",
        ),
        ("count\tlabel\ttemplate\nHi {P}\n", "2: a line must have count, label and template between tabs, has 1 cell"),
        ("count\tlabel\ttemplate\n0\t\tHi\n", "2: count must be a whole number of at least 1, was: '0'"),
        ("count\tlabel\ttemplate\n1\t\tHi\n-1\t\tHi\n", "3: count must be a whole number of at least 1, was: '-1'"),
        ("count\tlabel\ttemplate\n1.5\t\tHi\n", "2: count must be a whole number of at least 1, was: '1.5'"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, content: str, message: str):
    path = tmp_path / "templates.tsv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FormatError) as caught:
        read_templates(path)
    assert str(caught.value) == f"{path}:{message}"


@pytest.mark.parametrize("content", ["", "\n", "# only a comment\n", "count\tlabel\ttemplate\n"])
def test_a_file_without_a_template_is_an_error(tmp_path: Path, content: str):
    path = tmp_path / "templates.txt"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FormatError) as caught:
        read_templates(path)
    assert str(caught.value) == f"{path}: must have at least one template, has none"


def test_files_that_cannot_be_read(tmp_path: Path):
    with pytest.raises(InputError, match=r"must be a file to read, there is none"):
        read_templates(tmp_path / "none.txt")
    with pytest.raises(InputError, match=r"must be a file to read, is a directory"):
        read_templates(tmp_path)
    latin = tmp_path / "latin.txt"
    latin.write_bytes(b"Hi {P}\nZo\xeb {P}\n")
    with pytest.raises(FormatError, match=r"latin\.txt:2: the text must be utf-8, has byte 0xeb at 2"):
        read_templates(latin)
