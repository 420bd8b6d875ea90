from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from textsynth import formats
from textsynth.components import registry
from textsynth.conversion import files
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example
from textsynth.corpus.tokens import encode_tags, list_tags, tokenize
from textsynth.errors import FormatError, InputError, OptionError
from textsynth.formats.csv import Csv
from textsynth.reading.records import BATCH, Faults


def file_of(tmp_path: Path, content: str, name: str = "train.csv") -> Path:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8", newline="")
    return path


def complaint(path: Path, **options: str) -> str:
    with pytest.raises(FormatError) as caught:
        formats.read(path, "csv", options=options)
    return str(caught.value)


def test_writes_a_header_and_a_row_for_each_example(tmp_path: Path):
    corpus = Corpus.from_columns(
        text=['Ada, "Zoë"', "a\nb", ""], spans=[[(0, 3, "PER")], [], []], label=["greet", None, None], origin=["x"] * 3
    )
    formats.write(corpus, tmp_path / "out.csv")
    spans = '"[{""start"": 0, ""end"": 3, ""label"": ""PER""}]"'
    assert (tmp_path / "out.csv").read_bytes().decode() == (
        f'text,label,spans,origin,parent\r\n"Ada, ""Zoë""",greet,{spans},x,\r\n"a\nb",,,x,\r\n,,,x,\r\n'
    )
    formats.write(corpus, tmp_path / "out.tsv", options={"text": "sentence"})
    assert (tmp_path / "out.tsv").read_bytes().startswith(b"sentence\tlabel\tspans\torigin\tparent\r\n")
    assert formats.read(tmp_path / "out.tsv", options={"text": "sentence"}) == corpus


@pytest.mark.parametrize(
    ("content", "name", "options"),
    [
        ("text,label\nhi,greet\n", "a.csv", {}),
        ("text,label\r\nhi,greet", "a.csv", {}),
        ("\ufefftext, label\n\nhi,greet\n\n", "a.csv", {}),
        ('"label";"text"\n"greet";"hi"\n', "a.csv", {}),
        ("id|text|label\n7|hi|greet\n", "a.txt", {}),
        ("text\tlabel\nhi\tgreet\n", "a.tsv", {}),
        ("text\tlabel\nhi\tgreet\n", "a.csv", {}),
        ("sentence,intent\nhi,greet\n", "a.csv", {"text": "sentence", "label": "intent"}),
        ("a,b;text;label\nx;hi;greet\n", "a.csv", {"separator": "semicolon"}),
    ],
)
def test_finds_out_the_separator(content: str, name: str, options: dict[str, str], tmp_path: Path):
    corpus = formats.read(file_of(tmp_path, content, name), options=options)
    assert corpus == Corpus.from_columns(text=["hi"], label=["greet"])


def test_keeps_line_breaks_inside_quotation_marks(tmp_path: Path):
    path = file_of(tmp_path, 'text,label\r\n"a\r\nb\rc\n\nd",x\r\n"e ""f""",\r\n')
    assert formats.read(path) == Corpus.from_columns(text=["a\r\nb\rc\n\nd", 'e "f"'], label=["x", None])


def test_reads_spans_origin_and_parent(tmp_path: Path):
    path = file_of(tmp_path, 'text,spans,origin,parent\nAda,"[[0, 3, ""PER""]]",vae,0f\nhi,,,\n')
    corpus = formats.read(path)
    assert [(example.mentions(), example.origin, example.parent) for example in corpus] == [
        (("Ada",), "vae", "0f"),
        ((), "", ""),
    ]


@pytest.mark.parametrize("text", ["a" * 200_000, "a\x00b", "\x00", '"', '\r"\n', "a,b\tc;d|e"])
def test_long_cells_and_nul(text: str, tmp_path: Path):
    corpus = Corpus.from_columns(text=[text, "next"], label=[f"x{text}x", None])
    for name, mark in (("out.csv", ","), ("out.tsv", "\t")):
        formats.write(corpus, tmp_path / name)
        assert formats.read(tmp_path / name) == corpus
        rows = list(csv.DictReader(io.StringIO((tmp_path / name).read_bytes().decode(), newline=""), delimiter=mark))
        assert rows[0]["text"] == text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            "txt,category\nhi,greet\n",
            "1: there must be a column 'text', did you mean 'txt'? there is: category, txt; "
            "name another with the option 'text'; if no line names the columns, write one above the rows",
        ),
        (
            "\n\nno,header\n",
            "3: there must be a column 'text', there is: header, no; name another with the option 'text'; "
            "if no line names the columns, write one above the rows",
        ),
        ("text,text\nhi,greet\n", "1: there must be one column 'text', there are 2"),
        ("text,label\nhi,greet\nhi\n", "3: a row must have 2 cells as the header has, has 1"),
        ('text,label\n"a\nb",x\n\nhi,greet,x\n', "5: a row must have 2 cells as the header has, has 3"),
        ('text,spans\nAda,"[[0, 4, ""PER""]]"\n', "2: span 0-4 'PER' reaches outside the text of 3 characters"),
        (
            'text,spans\nAda,"[[0, 2, ""A""], [1, 3, ""B""]]"\n',
            "2: span 1-3 'B' overlaps the span before it, which ends at 2",
        ),
        (
            "text,spans\nAda,[[0\n",
            "2: the column 'spans' must be a JSON list: Expecting ',' delimiter: line 1 column 4 (char 3)",
        ),
        ("text,spans\nAda,3\n", "2: spans must be a list, was: 3"),
        ("text,spans\nAda,[3]\n", "2: a span must have start and end, two whole numbers, and a label, was: 3"),
        ('text,label\nhi,x\n"Ada" x,y\n', "3: a row must be quoted as CSV is: ',' expected after '\"'"),
        ('text,label\nhi,x\n"Ada,y\nhi,x\n', "3: a row must be quoted as CSV is: unexpected end of data"),
    ],
)
def test_says_what_is_wrong_and_where(content: str, reason: str, tmp_path: Path):
    path = file_of(tmp_path, content)
    assert complaint(path) == f"{path}:{reason}"


def test_line_ends_of_carriage_returns_alone_are_refused(tmp_path: Path):
    path = file_of(tmp_path, "text\rhi\r")
    assert complaint(path).startswith(f"{path}:1: the header cannot be read: a row must be quoted as CSV is: new-line ")


def test_a_column_that_was_asked_for_must_be_there(tmp_path: Path):
    path = file_of(tmp_path, "text,category\nhi,greet\n")
    assert complaint(path, label="categry") == (
        f"{path}:1: there must be a column 'categry', did you mean 'category'? there is: category, text; "
        "name another with the option 'label'"
    )


def test_bad_rows_are_set_aside(tmp_path: Path):
    path, rejects = tmp_path / "train.csv", tmp_path / "rejects.jsonl"
    path.write_bytes(b'text,label\nA,a\nB\n"C1\n\xe9C2",c\n\xe9D,d\n"E"e,e\nF,f\n"\xe9G\n,g\nH",h\n\xe9I')
    corpus = formats.read(path, on_error="skip", rejects=rejects)
    assert corpus == Corpus.from_columns(text=["A", "F"], label=["a", "f"])
    reason = "the text must be utf-8, has byte 0xe9 at 0; name another with the option 'encoding'"
    assert [(row["line"], row["reason"]) for row in map(json.loads, rejects.read_text().splitlines())] == [
        (3, "a row must have 2 cells as the header has, has 1"),
        (5, reason),
        (6, reason),
        (7, "a row must be quoted as CSV is: ',' expected after '\"'"),
        (9, "the text must be utf-8, has byte 0xe9 at 1; name another with the option 'encoding'"),
        (12, reason),
    ]


def test_the_encoding_can_be_told(tmp_path: Path):
    path = tmp_path / "train.csv"
    path.write_bytes("text,label\nZoë,PER\n".encode("latin-1"))
    assert complaint(path) == (
        f"{path}:2: the text must be utf-8, has byte 0xeb at 2; name another with the option 'encoding'"
    )
    assert formats.read(path, options={"encoding": "latin-1"}).texts.to_pylist() == ["Zoë"]
    path.write_bytes("täxt,label\n".encode("latin-1"))
    assert complaint(path) == (
        f"{path}:1: the header cannot be read: the text must be utf-8, has byte 0xe4 at 1; "
        "name another with the option 'encoding'"
    )


@pytest.mark.parametrize("content", ["", "\n\n", "text,label\n"])
def test_a_file_without_rows(content: str, tmp_path: Path):
    path = file_of(tmp_path, content)
    assert complaint(path) == f"{path}: must have at least one example for the format 'csv', it has none"


def test_bad_paths(tmp_path: Path):
    for path, reason in [(tmp_path / "none.csv", "there is none"), (tmp_path, "is a directory")]:
        with pytest.raises(InputError) as caught:
            formats.read(path, "csv")
        assert str(caught.value) == f"{path}: must be a file to read, {reason}"


def test_bad_options(tmp_path: Path):
    with pytest.raises(OptionError) as caught:
        formats.read(file_of(tmp_path, "text\nhi\n"), options={"seperator": "comma"})
    assert str(caught.value) == (
        "format 'csv': there is no option 'seperator'; did you mean 'separator'? "
        "there is: classes, encoding, guard, ignore, keep, label, offsets, scheme, sentence, "
        "separator, spans, tags, text, tokens"
    )


def test_reads_no_more_than_it_needs(tmp_path: Path):
    path = file_of(tmp_path, "text,label\n" + "hi,greet\n" * BATCH + "hi\n")
    stream = Csv().read(path, Faults())
    assert len(next(stream)) == BATCH
    with pytest.raises(FormatError, match=f":{BATCH + 2}: a row must have 2 cells"):
        next(stream)


PER = '"[{""start"":0,""end"":3,""text"":""Ann"",""labels"":[""PER""]}]"'


@pytest.mark.parametrize(
    ("content", "read_as"),
    [
        ("Sentence #,Word,POS,Tag\nS: 1,Ann,N,B-per\n,Lee,N,I-per\n,ran,V,O\nS: 2,Hi,X,O\n",
         [("Ann Lee ran", [("Ann Lee", "per")], None), ("Hi", [], None)]),
        ("sentence_id,token,label\n1,a,O\n1,b,E-MAIL\n2,c,I-94\n",
         [("a b", [("b", "E-MAIL")], None), ("c", [("c", "I-94")], None)]),
        ("tokens,ner_tags\n\"['Ann', 'ran']\",\"['B-PER', 'O']\"\n", [("Ann ran", [("Ann", "PER")], None)]),
        ("text;words;tags;intent\nAnn x;['Ann', 'x'];['B_PER', 'O'];y\n", [("Ann x", [("Ann", "PER")], "y")]),
        (f"text,id,label,annotator\nAnn ran,1,{PER},1\n", [("Ann ran", [("Ann", "PER")], None)]),
        (f"text,entities,intent\nAnn ran,{PER},go\n", [("Ann ran", [("Ann", "PER")], "go")]),
        ("text,ents\nAnn ran,\"[(0, 3, 'PER')]\"\n", [("Ann ran", [("Ann", "PER")], None)]),
        ("text, label\nhi,greet\nho, greet \n,\t\n", [("hi", [], "greet"), ("ho", [], "greet"), ("", [], None)]),
        ("Utterance,Intent\nhi,greet\n", [("hi", [], "greet")]),
        ("text,label\nhi,['greet']\n", [("hi", [], "greet")]),
        ("text,label\nhi,[sic]\n", [("hi", [], "[sic]")]),
    ],
)  # fmt: skip
def test_reads_the_tables_people_have(content: str, read_as: object, tmp_path: Path):
    corpus = formats.read(file_of(tmp_path, content))
    assert [(each.text, _list_mentions(each), each.label) for each in corpus] == read_as


def _list_mentions(example: Example) -> list[tuple[str, str]]:
    return list(zip(example.mentions(), [span.label for span in example.spans], strict=True))


@pytest.mark.parametrize(
    ("content", "options", "reason"),
    [
        ("text,a,b\nAnn,x,\"[[0, 3, \"\"PER\"\"]]\"\n", {},
         "1: the field 'b' looks like a string of offsets and would not be "
         "read; read it with spans = \"b\", or pass over it with ignore = [\"b\"]"),
        ("text,label,category\nhi,a,b\n", {},
         "1: the field 'category' looks like a class and would not be read; "
         "read it with label = \"category\", or pass over it with ignore = [\"category\"]"),
        ("text,label\nhi,\"['B-PER', 'O']\"\n", {},
         "2: the column 'label' must hold classes, a name or a list of names, holds \"['B-PER', 'O']\"; "
         "read spans with the option 'spans', or name another column with the option 'label'"),
        ("Word,Tag\na,O\n", {}, "1: each row has one token, 'Word', and nothing names its sentence; "
         "name the column that does with the option 'sentence'"),
        ("s,Word,Tag\n1,a,I-94\n1,b,O\n", {"sentence": "s"},
         " the tags 'I-94' may have a prefix (labels '94') or be labels as "
         "they are; settle it with the option scheme, 'io' for labels, 'iob2' or another for prefixes"),
        ("text,spans\n"
         "Ann ran,\"[{\"\"start\"\":1,\"\"end\"\":3,\"\"text\"\":\"\"Ann\"\",\"\"label\"\":\"\"P\"\"}]\"\n", {},
         "2: span 1-3 'P' must be the text that stands beside it, 'Ann', was: 'nn'"),
        ("tokens,tags\n\"['a']\",\"[1]\"\n", {}, "2: the column 'tags' must hold lists of strings, was: '[1]'"),
        ("tokens,tags\n\"['a']\",\"['O', 'O']\"\n", {}, "2: there must be one tag a token, are 2 tags for 1 token"),
    ],
)  # fmt: skip
def test_refuses_annotations_it_would_not_read(content: str, options: dict[str, str], reason: str, tmp_path: Path):
    path = file_of(tmp_path, content)
    assert complaint(path, **options).startswith(f"{path}:{reason}")


def test_what_is_not_read_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    path = file_of(tmp_path, "text,id,label,category\nhi,7,a,b\n")
    assert formats.read(path, options={"ignore": ["category"]})[0].label == "a"
    assert caplog.messages == [f"{path}: not read: id; 'ignore' takes what is to go unsaid"]


@pytest.mark.parametrize("scheme", ["iob1", "iob2", "bioes", "bilou", "bmes", "io"])
def test_every_label_is_read_from_every_scheme(scheme: str, tmp_path: Path):
    labels = ["E-MAIL", "I-94", "B-cell", "B-", "-", "I-O", "B_PER", "PER-B", "a b"]
    corpus = Corpus.from_columns(
        text=["x " * len(labels) + "y"], spans=[[(2 * at, 2 * at + 1, label) for at, label in enumerate(labels)]],
        tokenizer="whitespace",
    )  # fmt: skip
    tokens, names = tokenize(corpus), list_tags(labels, scheme)  # type: ignore[arg-type]
    tags = [names[code] for code in encode_tags(tokens, corpus, scheme, names)]  # type: ignore[arg-type]
    rows = [f"1,{token},{tag}" for token, tag in zip(tokens.strings.to_pylist(), tags, strict=True)]
    path = file_of(tmp_path, "\n".join(["sentence,word,tag", *rows]))
    assert formats.read(path, options={"scheme": scheme}) == corpus
    assert formats.read(path) == corpus


def test_reads_banking77(shared_data: Path):
    path = shared_data / "banking77" / "train.csv"
    assert registry.name_of(files.find(path)) == "csv"
    corpus = formats.read(path, options={"label": "category"})
    assert (len(corpus), len(corpus.classes)) == (10_003, 77)
    assert corpus[0].text == "I am still waiting on my card?"
    assert corpus[0].label == "card_arrival"
    labels = corpus.table.column("label").to_pylist()
    assert labels.count("card_payment_fee_charged") == 187
    assert any("\n" in text for text in corpus.texts.to_pylist())


def test_reads_the_twin_of_banking77(twin_data: Path):
    path = twin_data / "banking77" / "train.csv"
    assert registry.name_of(files.find(path)) == "csv"
    corpus = formats.read(path, options={"label": "category"})
    assert (len(corpus), len(corpus.classes)) == (45, 9)
    assert (corpus[3].text, corpus[3].label) == ('I ordered a "gold" card, and got nothing.', "card_late")
    assert corpus.table.column("label").to_pylist().count("fee_charged") == 6
    assert corpus[14].text == "I was charged an extra €1\n\nIs this a mistake?"
