"""Columns of CoNLL files as tools write them: what is read, and what is refused with which option."""

from __future__ import annotations

from pathlib import Path

import pytest

from textsynth import formats
from textsynth.errors import FormatError
from textsynth.reading.block import read_pieces
from textsynth.reading.records import Faults

CASES = Path(__file__).resolve().parents[2].parent / "shared" / "cases"


def read(path: Path, content: str | None = None, **options: object) -> list[tuple[str, list[tuple[str, str]]]]:
    if content is not None:
        path.write_text(content, encoding="utf-8", newline="")
    corpus = formats.read(path, options=options)
    return [
        (example.text, [(example.text[span.start : span.end], span.label) for span in example.spans])
        for example in corpus
    ]


CONLL2012 = """#begin document (bc/x); part 000
bc/x 0 0 In IN (TOP(S* - - - Sp#1 * * -
bc/x 0 1 New NNP (NP* - - - Sp#1 (GPE* (ARG0* (1
bc/x 0 2 York NNP *) - - - Sp#1 *) *) 1)

bc/x 0 0 Ann NNP (TOP(S*) - - - Sp#1 (PERSON) -

#end document
"""
CONLLU = (
    "# text = Vado al cinema.\n1\tVado\t_\t_\t_\t_\t0\t_\t_\t_\n2-3\tal\t_\t_\t_\t_\t_\t_\t_\t_\n"
    "2\ta\t_\t_\t_\t_\t4\t_\t_\tNE=B-LOC\n3\til\t_\t_\t_\t_\t4\t_\t_\tNE=I-LOC\n3.1\tx\t_\t_\t_\t_\t_\t_\t_\t_\n"
    "4\tcinema\t_\t_\t_\t_\t1\t_\t_\tSpaceAfter=No|NE=I-LOC\n5\t.\t_\t_\t_\t_\t1\t_\t_\t_\n\n"
)


@pytest.mark.parametrize(
    ("name", "content", "read_as"),
    [
        ("index.conll", "1 Acme NNP I-NP I-ORG\n2 sued VBD I-VP O\n", [("Acme sued", [("Acme", "ORG")])]),
        ("middle.conll", "Ann\tB-PER\tNNP\nran\tO\tVBD\n", [("Ann ran", [("Ann", "PER")])]),
        ("space.conll", "Danish B-LOC -\n- O -\nrun O +\nnow O +\n", [("Danish-run now", [("Danish", "LOC")])]),
        (
            "names.conll",
            "s1 1 Ann B-PER\ns1 2 ran O\n\ns2 1 Bob B-PER\ns2 2 sat O\n",
            [("Ann ran", [("Ann", "PER")]), ("Bob sat", [("Bob", "PER")])],
        ),
        ("chunks.conll", "-DOCSTART- -X- O O\n\nEU NNP I-NP O\nsays VBZ I-VP O\n", [("EU says", [])]),
        ("conll2012.conll", CONLL2012, [("In New York", [("New York", "GPE")]), ("Ann", [("Ann", "PERSON")])]),
        ("brackets.conll", "1\tNew\t(LOC*\n2\tYork\t*)\n3\tis\t*\n", [("New York is", [("New York", "LOC")])]),
        ("words.conllu", CONLLU, [("Vado al cinema.", [("al cinema", "LOC")])]),
        ("no_text.conllu", CONLLU.partition("\n")[2], [("Vado al cinema.", [("al cinema", "LOC")])]),
        ("inline.txt", "Ann|NNP|I-PER Lee|NNP|I-PER ran|VBD|O\nBob|NNP|I-PER\n", [
            ("Ann Lee ran", [("Ann Lee", "PER")]), ("Bob", [("Bob", "PER")])]),
        ("han.conll", "周 B-PER\n在 O\nIBM B-ORG\n。 O\n", [("周在IBM。", [("周", "PER"), ("IBM", "ORG")])]),
        ("comment.conll", "#\thttp://x.example [1]\n1\tAnn\tB-PER\tO\n", [("Ann", [("Ann", "PER")])]),
    ],
)  # fmt: skip
def test_finds_the_columns(name: str, content: str, read_as: object, tmp_path: Path):
    assert read(tmp_path / name, content) == read_as


def test_layers_are_chosen_by_option(tmp_path: Path):
    path = tmp_path / "layers.conll"
    rows = "1\tAnna\tB-PER\tO\n2\tBayern\tB-ORG\tB-LOC\n3\tMünchen\tI-ORG\tB-LOC\n"
    assert read(path, rows)[0][1] == [("Anna", "PER"), ("Bayern München", "ORG")]
    assert read(path, rows, tag_column=4)[0][1] == [("Bayern", "LOC"), ("München", "LOC")]
    assert read(path, rows, tag_column="last")[0][1] == [("Bayern", "LOC"), ("München", "LOC")]


@pytest.mark.parametrize(
    ("content", "options", "reason"),
    [
        ("Ann B-PER B-LOC\nran O O\n", {}, "the columns 2 and 3 all hold tags; choose one with the option tag_column"),
        ("Ann O\n", {"tag_column": 3}, "the option tag_column must be a column from 1 to 2, was: 3"),
        (
            "Ann O\n",
            {"tag_column": 1, "token_column": 1},
            "token_column and tag_column must be two columns, are both 1",
        ),
        (
            "1\tAnn\t_\t_\t_\t_\t_\t_\t_\t_\n",
            {},
            "one key of MISC must give tags, such as NE=B-PER, nothing does; "
            "name a column that has tags with the option tag_column",
        ),
        (
            "1\tAnn\t_\t_\t_\t_\t_\t_\t_\tA=B-X|B=B-Y\n",
            {},
            "one key of MISC must give tags, such as NE=B-PER, A, B does; "
            "name a column that has tags with the option tag_column",
        ),
        ("1 a (X*\n2 b (Y*)\n", {}, "2: a tag must be *, (LABEL*, *) or (LABEL), none inside another, was: '(Y*)'"),
        ("1 a (X*\n2 b *\n", {}, "2: a bracket must be closed in its sentence"),
        (
            "# scheme = io\n\na\tO\n\n# scheme = iob2\n\nb\tO\n",
            {},
            "a comment names the scheme io, iob2; name one as scheme",
        ),
    ],
)
def test_refuses_what_is_ambiguous(content: str, options: dict[str, object], reason: str, tmp_path: Path):
    path = tmp_path / "x.conll"
    with pytest.raises(FormatError) as caught:
        read(path, content, **options)
    mark = ":" if reason[0].isdigit() else ": "
    assert str(caught.value) == f"{path}{mark}{reason}"


def test_columns_can_be_named(tmp_path: Path):
    path = tmp_path / "x.conll"
    assert read(path, "Ann B-PER B-LOC\nran O O\n", tag_column=2)[0][1] == [("Ann", "PER")]
    assert read(path, "B-PER x Ann\nO y ran\n", token_column=2)[0] == ("x y", [("x", "PER")])


def test_tags_that_come_late_count(tmp_path: Path):
    early = "a\tO\n\n" * 70_000
    assert read(tmp_path / "x.conll", early + "b\tE-MAIL\nc\tI-94\n")[-1][1] == [("b", "E-MAIL"), ("c", "I-94")]


def test_pieces_are_the_lines_of_the_file(tmp_path: Path):
    path = tmp_path / "x.txt"
    path.write_bytes("\ufeffa\r\n\nb".encode() + b"\n\xe9\nc\n")
    faults = Faults("skip")
    lines = [(first + at, line) for first, some in read_pieces(path, "utf-8", faults) for at, line in enumerate(some)]
    assert lines == [(1, "a\r"), (2, ""), (3, "b"), (5, "c")]
    assert [fault.line for _, fault in faults.rejected] == [4]


@pytest.mark.skipif(not CASES.is_dir(), reason="the folder ../shared/cases is not there")
@pytest.mark.parametrize(
    ("name", "read_as"),
    [
        (
            "hyphen_io.conll",
            [
                ("Call ann@ex.org with form I-94 now", [("ann@ex.org", "E-MAIL"), ("I-94", "I-94")]),
                ("Write bob@ex.org", [("bob@ex.org", "E-MAIL")]),
            ],
        ),
        ("under.conll", [("Ann Lee ran", [("Ann Lee", "PER")])]),
        ("neuronlp2.conll", [("Acme sued Rome", [("Acme", "ORG"), ("Rome", "LOC")]), ("Ann won", [("Ann", "PER")])]),
        (
            "germeval.tsv",
            [("Anna arbeitet bei Bayern München .", [("Anna", "PER"), ("Bayern München", "ORG")])],
        ),
        ("flair_space.conll", [("It is a Danish-run inn.", [("Danish", "LOC")])]),
        ("wikiner.txt", [("Ann Lee ran .", [("Ann Lee", "PER")]), ("Bob sat", [("Bob", "PER")])]),
        ("a.conllu", [("Ann flew to Rome.", [("Ann", "PER"), ("Rome", "LOC")])]),
    ],
)
def test_reads_the_cases(name: str, read_as: object):
    assert read(CASES / name) == read_as
