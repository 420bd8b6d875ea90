from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora

from textsynth import formats
from textsynth.components import registry
from textsynth.conversion import files
from textsynth.corpus import Corpus
from textsynth.errors import CarryError, FormatError, InputError, OptionError, TextsynthError
from textsynth.formats.conll import Conll
from textsynth.reading.records import BATCH, Faults

ADA = Corpus.from_columns(
    text=["Ada Lovelace met Zoë", "in Paris"],
    spans=[[(0, 12, "PER"), (17, 20, "PER")], [(3, 8, "LOC")]],
    tokenizer="whitespace",
)


def file_of(tmp_path: Path, content: str, name: str = "train.conll") -> Path:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8", newline="")
    return path


def complaint(path: Path, **options: str) -> str:
    with pytest.raises(FormatError) as caught:
        formats.read(path, "conll", options=options)
    return str(caught.value)


def written(corpus: Corpus, path: Path, **options: object) -> str:
    formats.write(corpus, path, "conll", options=options)
    return path.read_text(encoding="utf-8")


def test_writes_tabs_and_iob2(tmp_path: Path):
    assert written(ADA, tmp_path / "ada.conll") == (
        "Ada\tB-PER\nLovelace\tI-PER\nmet\tO\nZoë\tB-PER\n\nin\tO\nParis\tB-LOC\n\n"
    )


@pytest.mark.parametrize(
    ("scheme", "tags"),
    [
        ("iob1", ["I-PER", "B-PER", "I-PER", "O", "I-LOC"]),
        ("iob2", ["B-PER", "B-PER", "I-PER", "O", "B-LOC"]),
        ("bioes", ["S-PER", "B-PER", "E-PER", "O", "S-LOC"]),
        ("bilou", ["U-PER", "B-PER", "L-PER", "O", "U-LOC"]),
    ],
)
def test_reads_and_writes_each_scheme(scheme: str, tags: list[str], tmp_path: Path):
    tokens = ["Zoë", "Ada", "Lovelace", "in", "Paris"]
    content = "".join(f"{token}\t{tag}\n" for token, tag in zip(tokens, tags, strict=True)) + "\n"
    path = file_of(tmp_path, content)
    for options in ({}, {"scheme": scheme}):
        corpus = formats.read(path, options=options)
        assert corpus[0].mentions() == ("Zoë", "Ada Lovelace", "Paris")
        assert [span.label for span in corpus[0].spans] == ["PER", "PER", "LOC"]
    assert written(corpus, tmp_path / "again.conll", scheme=scheme) == content


def test_finds_out_tags_without_prefix(tmp_path: Path):
    path = file_of(tmp_path, "Ada\tPER\nLovelace\tPER\nin\tO\nParis\tLOC\n")
    corpus = formats.read(path)
    assert corpus[0].text == "Ada Lovelace in Paris"
    assert corpus[0].mentions() == ("Ada Lovelace", "Paris")
    assert written(corpus, tmp_path / "again.conll", scheme="io") == path.read_text() + "\n"


def test_two_columns_of_anything_are_not_taken_for_tags_without_prefix(tmp_path: Path):
    path = file_of(tmp_path, "Ada\tNNP\nlives\tVBZ\n")
    assert complaint(path) == f"{path}:1: a tag must be O or a prefix of B I E L U S M and a label, was: 'NNP'"


@pytest.mark.parametrize(
    "content",
    [
        "-DOCSTART- -X- -X- O\n\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\n\nPeter NNP B-NP B-PER\n",
        "EU\tNNP\tB-ORG\nrejects\tVBZ\tO\n-DOCSTART-\tX\tO\nPeter\tNNP\tB-PER",
        "\ufeff# id = 1\nEU  B-ORG\r\nrejects O\r\n\r\n\r\n \t\r\n#\r\n# id = 2\r\nPeter B-PER\r\n\r\n",
        "B-ORG EU\nO rejects\n\nB-PER Peter\n\n# the end\n",
        "B-ORG\tNNP\tEU\r\nO\tVBZ\trejects\r\n\r\nB-PER\tNNP\tPeter\r\n",
    ],
    ids=["conll-2003", "marker without blank line", "comments and CRLF", "tag first", "tag first, tabs"],
)
def test_finds_out_the_columns(content: str, tmp_path: Path):
    corpus = formats.read(file_of(tmp_path, content, "some.txt"))
    assert list(corpus) == list(
        Corpus.from_columns(text=["EU rejects", "Peter"], spans=[[(0, 2, "ORG")], [(0, 5, "PER")]])
    )
    assert corpus.tokenizer == "whitespace"


def test_columns_can_be_told(tmp_path: Path):
    path = file_of(tmp_path, "O O\nB-X B-X\nB-PER Ada\n")
    assert formats.read(path, options={"tag_column": "first"})[0].text == "O B-X Ada"
    path = file_of(tmp_path, "New York\tB-LOC\n", "york.conll")
    assert formats.read(path)[0].mentions() == ("New York",)
    assert formats.read(path, options={"separator": "space"}, on_error="skip")[0].text == "New"


@pytest.mark.parametrize("mark", ["\t", " "])
def test_a_token_that_begins_with_a_hash_is_a_token(mark: str, tmp_path: Path):
    path = file_of(tmp_path, f"Ada{mark}O\n#{mark}O\n#fail{mark}B-TAG\n# no token\n\n#{mark}O\n\n#only a comment\n")
    assert formats.read(path) == Corpus.from_columns(text=["Ada # #fail", "#"], spans=[[(6, 11, "TAG")], []])


def test_a_token_that_would_be_taken_for_a_comment_gets_one_before_it(tmp_path: Path):
    corpus = Corpus.from_columns(text=["#fail now"], spans=[[(0, 5, "TAG")]], tokenizer="whitespace")
    options = {"scheme": "io", "separator": "space"}
    assert written(corpus, tmp_path / "out.conll", **options) == '# text = "#fail now"\n#fail TAG\nnow O\n\n'
    assert formats.read(tmp_path / "out.conll", options=options) == corpus


def test_white_space_around_a_cell_is_no_part_of_it(tmp_path: Path):
    path = file_of(tmp_path, "\u00a0Ada \tX\t B-PER \nin\tX\tO\n")
    assert formats.read(path) == Corpus.from_columns(text=["Ada in"], spans=[[(0, 3, "PER")]])


def test_a_hash_word_without_a_tag_is_no_comment_inside_a_sentence(tmp_path: Path):
    path = file_of(tmp_path, "Ada\tO\n#fail\n")
    assert complaint(path) == (
        f"{path}:2: a line must have 2 columns, the token first and its tag last, was one of 1: '#fail'"
    )


def test_writes_the_text_where_it_is_not_tokens_and_spaces(tmp_path: Path):
    corpus = Corpus.from_columns(
        text=["Ada's  dog\n", "", " ", "-DOCSTART- x", "plain"],
        spans=[[(0, 3, "PER")], [], [], [], []],
        tokenizer="whitespace",
    )
    path = tmp_path / "out.conll"
    assert written(corpus, path) == (
        "# text = \"Ada's  dog\\n\"\nAda\tB-PER\n's\tO\ndog\tO\n\n"
        '# text = ""\n\n# text = " "\n\n# text = "-DOCSTART- x"\n-DOCSTART-\tO\nx\tO\n\nplain\tO\n\n'
    )
    assert formats.read(path) == corpus


@pytest.mark.parametrize("text", ["Ada  lives", "Ada\n", "", "-DOCSTART-", "a\u00a0b"])
def test_refuses_what_needs_a_comment_where_there_may_be_none(text: str, tmp_path: Path):
    corpus = Corpus.from_columns(text=["fine", text], tokenizer="whitespace")
    with pytest.raises(CarryError) as caught:
        written(corpus, tmp_path / "out.conll", comments=False)
    assert str(caught.value) == f"example 1: a text must be tokens with a space between, was: {text!r}"
    assert list(tmp_path.iterdir()) == []


def test_keeps_the_tokens_of_words(tmp_path: Path):
    corpus = Corpus.from_columns(text=["Hi, Ada!", "No."], spans=[[(4, 7, "PER")], []], tokenizer="words")
    first = written(corpus, tmp_path / "first.conll")
    assert "Hi\tO\n,\tO\nAda\tB-PER\n!\tO\n" in first
    back = formats.read(tmp_path / "first.conll")
    assert back.tokenizer == "words"
    assert written(back, tmp_path / "second.conll") == first


@given(corpus=corpora(classes=False))
def test_tokens_and_tags_stay_the_same_when_read_and_written_again(corpus: Corpus):
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / "first.conll", Path(folder) / "second.conll"
        formats.write(corpus, first)
        formats.write(formats.read(first, "conll"), second)
        assert second.read_bytes() == first.read_bytes()


@given(
    corpus=corpora(classes=False),
    scheme=st.sampled_from(["iob1", "iob2", "bioes", "bilou", "bmes", "io"]),
    separator=st.sampled_from(["tab", "space"]),
    tag_column=st.sampled_from(["first", "last"]),
)
def test_what_is_written_with_options_reads_back_with_them(
    corpus: Corpus, scheme: str, separator: str, tag_column: str
):
    options = {"scheme": scheme, "separator": separator, "tag_column": tag_column}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.conll"
        try:
            formats.write(corpus, path, options=options)
        except CarryError:
            assert scheme == "io"
            return
        assert formats.read(path, options=options) == corpus
        if (tag_column, scheme) in {("last", "iob1"), ("last", "iob2"), ("last", "bioes"), ("last", "bilou")}:
            assert formats.read(path, "conll") == corpus


LABELS = ("E-MAIL", "I-94", "B-cell", "B-", "-", "_", "I-O", "B_PER", "PER-B", "O-", "S-S", "b-x", "M-M", "94")


@given(
    rows=st.lists(st.lists(st.sampled_from(("", *LABELS)), min_size=1, max_size=4), min_size=1, max_size=4),
    scheme=st.sampled_from(["iob1", "iob2", "bioes", "bilou", "bmes", "io"]),
)
def test_every_label_is_read_back_from_every_scheme_without_an_option(rows: list[list[str]], scheme: str):
    spans = [[(2 * at, 2 * at + 1, label) for at, label in enumerate(row) if label] for row in rows]
    corpus = Corpus.from_columns(text=[" ".join("abcd"[: len(row)]) for row in rows], spans=spans)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.conll"
        try:
            formats.write(corpus, path, options={"scheme": scheme})
        except CarryError:
            assert scheme == "io"
            return
        assert formats.read(path, "conll") == corpus
        assert formats.read(path, options={"scheme": scheme}) == corpus


def test_a_comment_names_the_scheme_if_the_tags_alone_would_not(tmp_path: Path):
    corpus = Corpus.from_columns(text=["a b", "c"], spans=[[], [(0, 1, "B-cell")]])
    content = written(corpus, tmp_path / "out.conll", scheme="io")
    assert content == "# scheme = io\n\na\tO\nb\tO\n\nc\tB-cell\n\n"
    assert "# scheme" not in written(corpus, tmp_path / "out.conll")
    assert "# scheme" not in written(corpus, tmp_path / "out.conll", scheme="io", comments=False)


@pytest.mark.parametrize("join", ["auto", "space", "none"])
def test_what_stands_between_tokens_can_be_told(join: str, tmp_path: Path):
    path = file_of(tmp_path, "周\tB-PER\n在\tO\nIBM\tO\nof\tO\n")
    text = {"auto": "周在IBM of", "space": "周 在 IBM of", "none": "周在IBMof"}[join]
    corpus = formats.read(path, options={"join": join})
    assert corpus[0].text == text
    assert formats.read(file_of(tmp_path, written(corpus, tmp_path / "o.conll")), "conll") == corpus


def test_spans_side_by_side_need_prefixes(tmp_path: Path):
    corpus = Corpus.from_columns(text=["Ada Zoë"], spans=[[(0, 3, "PER"), (4, 7, "PER")]])
    with pytest.raises(CarryError) as caught:
        written(corpus, tmp_path / "out.conll", scheme="io")
    assert str(caught.value) == "example 0: spans of one label side by side are one in the scheme 'io'"


@pytest.mark.parametrize(
    ("label", "options"),
    [("a\tb", {}), ("a\nb", {}), (" a", {}), ("a b", {"separator": "space"}), ("O", {"scheme": "io"})],
)
def test_refuses_labels_that_no_column_can_hold(label: str, options: dict[str, str], tmp_path: Path):
    corpus = Corpus.from_columns(text=["Ada"], spans=[[(0, 3, label)]])
    with pytest.raises(CarryError) as caught:
        written(corpus, tmp_path / "out.conll", **options)
    assert str(caught.value) == (
        f"a label must be free of white space and no 'O' of its own in 'conll', was: {label!r}"
    )


def test_a_label_may_have_a_space_between_tabs(tmp_path: Path):
    corpus = Corpus.from_columns(text=["Ada"], spans=[[(0, 3, "a person")]])
    assert written(corpus, tmp_path / "out.conll") == "Ada\tB-a person\n\n"
    assert formats.read(tmp_path / "out.conll") == corpus


def test_class_labels_are_dropped_only_if_asked(tmp_path: Path):
    corpus = Corpus.from_columns(text=["hi"], label=["greet"])
    with pytest.raises(CarryError) as caught:
        formats.write(corpus, tmp_path / "out.conll")
    assert str(caught.value) == (
        "the format 'conll' cannot carry class labels, which 1 example of the first 1 has; "
        "drop them with --drop label, or choose another format"
    )
    formats.write(corpus, tmp_path / "out.conll", drop=["label"])
    assert formats.read(tmp_path / "out.conll") == Corpus.from_columns(text=["hi"])


BAD = "Ada\tB-PER\nlives\tO\n\nin\tO\nParis\n.\tO\n\nZoë\tB-PER\ntoo\tO\n"


def test_a_line_without_a_tag_is_a_fault(tmp_path: Path):
    path = file_of(tmp_path, BAD)
    assert complaint(path) == (
        f"{path}:5: a line must have 2 columns, the token first and its tag last, was one of 1: 'Paris'"
    )


def test_a_bad_line_sets_its_sentence_aside(tmp_path: Path):
    path, rejects = file_of(tmp_path, BAD), tmp_path / "rejects.jsonl"
    corpus = formats.read(path, on_error="skip", rejects=rejects)
    assert corpus.texts.to_pylist() == ["Ada lives", "Zoë too"]
    reason = "a line must have 2 columns, the token first and its tag last, was one of 1: 'Paris'"
    assert [json.loads(line) for line in rejects.read_text().splitlines()] == [
        {"path": str(path), "line": 5, "reason": reason}
    ]


@pytest.mark.parametrize("bad", ["\xe9\tO", "caf\xe9"])
@pytest.mark.parametrize("end", ["", "\n", "\n.\tO\n", "\n\nto\tO\n"])
def test_a_line_in_another_encoding_sets_its_whole_sentence_aside(bad: str, end: str, tmp_path: Path):
    path = tmp_path / "train.conll"
    path.write_bytes(f"Ada\tO\n\nthe\tO\n{bad}{end}".encode("latin-1"))
    faults = Faults("skip")
    kept = Corpus.concat(list(Conll().read(path, faults)))
    assert kept.texts.to_pylist() == (["Ada", "to"] if "to" in end else ["Ada"])
    at = bad.index("\xe9")
    reason = f"the text must be utf-8, has byte 0xe9 at {at}; name another with the option 'encoding'"
    assert [(fault.line, fault.reason) for _, fault in faults.rejected] == [(4, reason)]
    assert complaint(path) == f"{path}:4: {reason}"


def test_another_encoding_can_be_told(tmp_path: Path):
    for encoding in ("latin-1", "utf-16"):
        path = tmp_path / f"{encoding}.conll"
        path.write_bytes("Zoë\tB-PER\n\n".encode(encoding))
        assert formats.read(path, options={"encoding": encoding})[0].mentions() == ("Zoë",)


@pytest.mark.parametrize(
    ("content", "options", "reason"),
    [
        ("Ada\tO\n\tO\n", {}, "2: a line must have 2 columns, the token first and its tag last, was one: '\\tO'"),
        ("Ada\tO\nin\t \n", {}, "2: a line must have 2 columns, the token first and its tag last, was one: 'in\\t '"),
        (
            "Ada N O\nin O\n",
            {},
            "2: a line must have 3 columns, the token first and its tag last, was one of 2: 'in O'",
        ),
        (
            "O\tX\tAda\nO\tin\n",
            {"tag_column": "first"},
            "2: a line must have 3 columns, the tag first and its token last, was one of 2: 'O\\tin'",
        ),
        (
            "O\tAda\r\nO\t\r\n",
            {"tag_column": "first"},
            "2: a line must have 2 columns, the tag first and its token last, was one: 'O\\t\\r'",
        ),
        (
            "Ada\tB-PER\n\n# x\nin\tweek\n",
            {},
            "4: a tag must be O or a prefix of B I E L U S M and a label, was: 'week'",
        ),
        ("a\tO\nb\tI-X\n", {"scheme": "iob2"}, "2: a span must begin with B- in iob2, was: 'I-X' after 'O'"),
        ("a\tO\nb\tS-X\n", {"scheme": "iob2"}, "2: a tag must be O or a prefix of B I and a label, was: 'S-X'"),
        ("a\tB-X\nb\tO\n", {"scheme": "bioes"}, "2: a span must end with E- in bioes, was: 'B-X' before 'O'"),
        ("a\tO\nb\tB-X\n", {"scheme": "bilou"}, "2: a span must end with L- in bilou, was: 'B-X' before the end"),
        (
            '\n# text = "Ada  lives"\nAda\tO\ndies\tO\n',
            {},
            "4: the token 'dies' must come next in the text of its comment, '  lives' does",
        ),
        (
            '# text = "Ada Zoë"\nZoë\tO\n',
            {},
            "2: the token 'Zoë' must come next in the text of its comment, 'Ada Zoë' does",
        ),
        (
            '# text = "Ada lives"\nAda\tO\n',
            {},
            "1: the text of a comment must be the tokens below it, has more: ' lives'",
        ),
        (
            '# text = "\\ud800"\n\ud7ff\tO\n',
            {},
            "2: the token '\\ud7ff' must come next in the text of its comment, '\\ud800' does",
        ),
        ("\u00a0\tB-X\n", {}, "1: span 0-1 'X' begins or ends in white space: '\\xa0'"),
    ],
)
def test_says_what_is_wrong_and_where(content: str, options: dict[str, str], reason: str, tmp_path: Path):
    path = file_of(tmp_path, content)
    assert complaint(path, **options) == f"{path}:{reason}"


def test_bad_paths(tmp_path: Path):
    empty = file_of(tmp_path, "")
    errors: list[type[TextsynthError]] = [InputError, InputError, FormatError]
    for path, error in zip([tmp_path / "none.conll", tmp_path, empty], errors, strict=True):
        with pytest.raises(error) as caught:
            formats.read(path, "conll")
        assert str(caught.value) in {
            f"{path}: must be a file to read, there is none",
            f"{path}: must be a file to read, is a directory",
            f"{path}: must have at least one example for the format 'conll', it has none",
        }


def test_bad_options(tmp_path: Path):
    with pytest.raises(OptionError) as caught:
        formats.read(file_of(tmp_path, "Ada\tO\n"), options={"scheme": "biluo"})
    assert str(caught.value) == (
        "format 'conll': option 'scheme' must be 'auto', 'iob1', 'iob2', 'bioes', 'bilou', 'bmes' or 'io', was: 'biluo'"
    )


def test_reads_no_more_than_it_needs(tmp_path: Path):
    path = file_of(tmp_path, "Ada\tO\n\n" * BATCH + "no tag\n\n" + "Zoë\tO\n\n")
    stream = Conll().read(path, Faults())
    assert len(next(stream)) == BATCH
    with pytest.raises(FormatError, match=f":{2 * BATCH + 1}: a line must have 2 columns"):
        next(stream)


# The public corpora: counts as their SOURCE.md has them.

WNUT = {"person": 660, "location": 548, "group": 264, "corporation": 221, "product": 142, "creative-work": 140}


def counts(corpus: Corpus) -> dict[str, int]:
    return dict(Counter(corpus.spans.labels.to_pylist()))


def normal(path: Path) -> list[str]:
    """The lines of a file, with one blank line for several and none at the end."""
    content = re.sub(r"\n\s*\n", "\n\n", path.read_text(encoding="utf-8")).strip()
    return [line.strip() for line in content.split("\n")]


TWIN = {"person": 26, "location": 23, "creative-work": 12, "product": 10, "group": 9, "corporation": 8}


@pytest.mark.parametrize(
    ("name", "public", "twin"),
    [
        ("wnut17/train.conll", (3394, WNUT), (71, TWIN)),
        ("bc5cdr/train.tsv", (4560, {"Chemical": 5203, "Disease": 4182}), (26, {"Chemical": 21, "Disease": 25})),
        ("bc5cdr/test.tsv", (4797, {"Chemical": 5385, "Disease": 4424}), (14, {"Chemical": 13, "Disease": 12})),
    ],
)
def test_reads_and_writes_public_corpora(
    name: str,
    public: tuple[int, dict[str, int]],
    twin: tuple[int, dict[str, int]],
    public_or_twin: Path,
    is_twin: bool,
    tmp_path: Path,
):
    path = public_or_twin / name
    assert registry.name_of(files.find(path)) == "conll"
    corpus = formats.read(path)
    assert (len(corpus), counts(corpus)) == (twin if is_twin else public)
    formats.write(corpus, tmp_path / "again.conll")
    assert formats.read(tmp_path / "again.conll") == corpus
    assert normal(tmp_path / "again.conll") == normal(path)


@pytest.mark.parametrize("domain", ["ai", "literature", "music", "politics", "science"])
def test_reads_and_writes_crossner(domain: str, public_or_twin: Path, tmp_path: Path):
    path = public_or_twin / "crossner" / domain / "train.txt"
    stated = re.search(
        rf"\*\*{domain}/train\*\*: sentences ([\d,]+), .*?, entities ([\d,]+),.*\n.*?: (.*)",
        (public_or_twin / "crossner" / "SOURCE.md").read_text(encoding="utf-8"),
    )
    assert stated
    corpus = formats.read(path)
    assert [len(corpus), len(corpus.spans.labels)] == [int(count.replace(",", "")) for count in stated.groups()[:2]]
    for label, count in re.findall(r"(\w+) (\d+)", stated[3]):
        assert counts(corpus)[label] == int(count)
    formats.write(corpus, tmp_path / "again.conll")
    assert formats.read(tmp_path / "again.conll") == corpus
    assert normal(tmp_path / "again.conll") == normal(path)


@pytest.mark.parametrize("tokenizer", ["words", "whitespace"])
@pytest.mark.parametrize("text", ['Ada"本', "Ada𠀬", '本"Ada, x', "我在COVID-19的", 'Ada" 本', "don't 本"])
def test_the_tokenizer_is_the_one_that_gives_the_tokens(text: str, tokenizer: str, tmp_path: Path):
    corpus = Corpus.from_columns(text=[text], tokenizer=tokenizer)
    first = written(corpus, tmp_path / "first.conll")
    assert written(formats.read(tmp_path / "first.conll", "conll"), tmp_path / "second.conll") == first
