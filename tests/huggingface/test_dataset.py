import datasets
import numpy as np
import pyarrow as pa
import pytest
from datasets import ClassLabel, Features, List, Value

from textsynth.corpus import Corpus, Names
from textsynth.corpus.example import Example, Span
from textsynth.corpus.tokens import encode_tags, list_tags, tokenize
from textsynth.errors import FormatError, OptionError
from textsynth.huggingface.dataset import dataset_columns, encode, from_dataset, to_dataset, write_encoded
from textsynth.reading.table_columns import NamedColumns

CORPUS = Corpus.from_columns(
    text=["Zoë's in Rome", "hi 😀", ""],
    spans=[[(0, 3, "PERSON"), (9, 13, "CITY")], [], []],
    label=["travel", "greet", None],
    origin=["fill", "", ""],
)
SPANS = List({"start": Value("int32"), "end": Value("int32"), "label": Value("string")})
TAGS = ["O", "B-PER", "I-PER"]


def dataset(features=None, **columns):
    return datasets.Dataset.from_dict(columns, features=Features(features) if features else None)


def refusal(made, columns=None):
    with pytest.raises(FormatError) as caught:
        from_dataset(made, columns)
    return str(caught.value)


def addresses(column):
    return [buffer and buffer.address for chunk in column.chunks for buffer in chunk.buffers()]


def test_a_corpus_becomes_a_dataset():
    made = CORPUS.to_dataset("token-classification")
    assert made.features == Features(
        {
            "text": Value("string"),
            "spans": SPANS,
            "label": ClassLabel(names=["greet", "travel"]),
            "origin": Value("string"),
            "tokens": List(Value("string")),
            "ner_tags": List(ClassLabel(names=["O", "B-CITY", "I-CITY", "B-PERSON", "I-PERSON"])),
        }
    )
    assert made[0] == {
        "text": "Zoë's in Rome",
        "spans": [{"start": 0, "end": 3, "label": "PERSON"}, {"start": 9, "end": 13, "label": "CITY"}],
        "label": 1,
        "origin": "fill",
        "tokens": ["Zoë", "'", "s", "in", "Rome"],
        "ner_tags": [3, 0, 0, 0, 1],
    }
    assert made["label"][:] == [1, 0, None]
    assert made["tokens"][:][1:] == [["hi", "😀"], []]
    assert Corpus.from_dataset(made) == CORPUS


@pytest.mark.parametrize("task", [None, "text-classification"])
def test_without_token_classification_there_are_no_tokens(task):
    assert CORPUS.to_dataset(task).column_names == ["text", "spans", "label", "origin"]


def test_label_and_parent_are_columns_only_where_an_example_has_one():
    bare = Corpus.from_columns(text=["a"])
    assert to_dataset(bare).column_names == ["text", "spans", "origin"]
    made = to_dataset(Corpus.from_examples([Example("a", parent="p1")]))
    assert made.column_names == ["text", "spans", "origin", "parent"]
    assert from_dataset(made)[0].parent == "p1"
    assert "parent" in to_dataset(bare, parent=True).column_names


def test_texts_and_spans_are_not_copied_in_either_direction():
    corpus = Corpus.concat([CORPUS, CORPUS[1:], CORPUS])
    made = corpus.to_dataset("token-classification")
    back = Corpus.from_dataset(made)
    for name in ("text", "spans"):
        assert addresses(made.data.column(name)) == addresses(corpus.table.column(name))
        assert [address for address in addresses(back.table.column(name)) if address] == [
            address for address in addresses(corpus.table.column(name)) if address
        ]
    assert back == corpus


def test_equal_content_has_one_fingerprint():
    corpus = Corpus.from_columns(text=[f"{n} Ada" for n in range(2500)], spans=[[(0, 1, "N")]] * 2500)
    same = Corpus.concat([corpus[:999], corpus[999:1001], corpus[1001:]])
    copied = Corpus.from_examples(list(corpus))
    prints = {to_dataset(each, "token-classification")._fingerprint for each in (corpus, same, copied)}
    assert len(prints) == 1
    other = [corpus[1:], corpus.with_origin("x"), Corpus.from_columns(text=corpus.texts), corpus[::-1]]
    others = {to_dataset(each, "token-classification")._fingerprint for each in other}
    assert len(prints | others | {to_dataset(corpus)._fingerprint}) == 6


def test_parts_of_one_corpus_can_share_features():
    labels, classes = ["PERSON", "CITY"], ["travel", "greet", "other"]
    parts = [to_dataset(CORPUS[n : n + 1], "token-classification", labels=labels, classes=classes) for n in range(3)]
    assert {part.features == parts[0].features for part in parts} == {True}
    assert parts[0].features["label"].names == classes
    assert parts[0].features == dataset_columns(labels, classes, "token-classification").to_features()
    assert len(datasets.concatenate_datasets(parts)) == 3


def test_what_is_not_among_the_labels_or_classes_given_is_an_error():
    with pytest.raises(OptionError) as caught:
        to_dataset(CORPUS, classes=["travels"])
    assert str(caught.value) == "there is no class 'greet' among those given; there is: travels"
    with pytest.raises(OptionError) as caught:
        to_dataset(CORPUS, "token-classification", labels=["PERSONS", "CITY"])
    assert str(caught.value) == (
        "there is no label 'PERSON' among those given; did you mean 'PERSONS'? there is: CITY, PERSONS"
    )


def test_another_task_is_an_error():
    with pytest.raises(OptionError) as caught:
        CORPUS.to_dataset("token-clasification")
    assert str(caught.value) == (
        "there is no task 'token-clasification'; did you mean 'token-classification'? "
        "there is: text-classification, token-classification"
    )
    with pytest.raises(OptionError) as caught:
        Corpus.from_columns(text=["a"]).to_dataset("text-classification")
    assert str(caught.value) == "the task 'text-classification' must have a corpus with classes, this one has none"


def test_an_empty_corpus_is_an_empty_dataset():
    made = Corpus.empty().to_dataset("token-classification")
    assert (len(made), made.features["ner_tags"].feature.names) == (0, ["O"])
    assert len(from_dataset(made)) == 0


def test_a_stream_is_written_as_a_dataset_is(tmp_path):
    columns = dataset_columns(CORPUS, task="token-classification")
    fingerprint = write_encoded(encode([CORPUS[:1], CORPUS[1:]], columns), tmp_path / "x.arrow", columns)
    assert fingerprint == CORPUS.to_dataset("token-classification")._fingerprint
    assert from_dataset(datasets.Dataset.from_file(str(tmp_path / "x.arrow"))) == CORPUS


def test_long_texts_are_written_a_few_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr("textsynth.huggingface.dataset.EVEN", 7)
    monkeypatch.setattr("textsynth.huggingface.dataset._EVEN_BYTES", 50)
    corpus = Corpus.from_columns(text=["x" * (13 * row % 71) for row in range(60)])
    written = set()
    for size in (1, 5, 60):
        file = tmp_path / f"{size}.arrow"
        batches = (corpus[begin : begin + size] for begin in range(0, 60, size))
        columns = dataset_columns([], [])
        write_encoded(encode(batches, columns), file, columns)
        assert datasets.Dataset.from_file(str(file))["text"][:] == corpus.texts.to_pylist()
        written.add(file.read_bytes())
        with pa.ipc.open_stream(file) as reader:
            tables = list(reader)
        assert all(len(each) == 1 or sum(map(len, each["text"].to_pylist())) <= 50 for each in tables)
        assert len(tables) > 30
    assert len(written) == 1


def test_spans_are_sorted_and_labels_may_be_numbers():
    spans = List({"label": ClassLabel(names=["ORG", "PER"]), "end": Value("int64"), "start": Value("int64")})
    rows = [[{"start": 4, "end": 5, "label": 0}, {"start": 0, "end": 3, "label": 1}], None]
    made = dataset({"text": Value("large_string"), "spans": spans}, text=["Ada x", "b"], spans=rows)
    assert list(from_dataset(made)) == [Example("Ada x", (Span(0, 3, "PER"), Span(4, 5, "ORG"))), Example("b")]


@pytest.mark.parametrize("name", ["ner_tags", "tags", "labels"])
@pytest.mark.parametrize(
    ("inner", "tags"), [(ClassLabel(names=TAGS), [1, 2, 0]), (Value("string"), ["B-PER", "I-PER", "O"])]
)
def test_tokens_are_joined_by_one_space(name, inner, tags):
    made = dataset(
        {"tokens": List(Value("string")), name: List(inner)}, **{"tokens": [["Ada", "Ng", "."]], name: [tags]}
    )
    corpus = from_dataset(made)
    assert list(corpus) == [Example("Ada Ng .", (Span(0, 6, "PER"),))]
    assert corpus.tokenizer == "whitespace"


def test_tokens_are_found_in_the_text_where_there_is_one():
    made = dataset(text=["Ada Ng. Ada"], tokens=[["Ada", "Ng", ".", "Ada"]], tags=[["O", "O", "O", "B-PER"]])
    corpus = from_dataset(made)
    assert list(corpus) == [Example("Ada Ng. Ada", (Span(8, 11, "PER"),))]
    assert corpus.tokenizer == "words"


def test_tags_without_prefixes_are_read_as_such():
    features = {"tokens": List(Value("string")), "ner_tags": List(ClassLabel(names=["O", "art", "person"]))}
    made = dataset(features, tokens=[["Ada", "Ng", "x"]], ner_tags=[[2, 2, 1]])
    assert from_dataset(made)[0].spans == (Span(0, 6, "person"), Span(7, 8, "art"))


def test_classes_are_names_numbers_or_strings():
    names = ClassLabel(names=["bad", "good"])
    made = dataset({"sentence": Value("string"), "label": names}, sentence=["a", "b", "c"], label=[1, -1, None])
    assert [example.label for example in from_dataset(made)] == ["good", None, None]
    assert [example.label for example in from_dataset(dataset(text=["a", "b"], label=[3, None]))] == ["3", None]
    assert [example.label for example in from_dataset(dataset(text=["a", "b"], label=["x", None]))] == ["x", None]
    assert [example.label for example in from_dataset(dataset(text=["a"], label=[None]))] == [None]


def test_columns_can_be_named():
    made = dataset(query=["Ada"], intent=["greet"], tokens=[["Ada"]], fine=[["B-PER"]])
    corpus = from_dataset(made, NamedColumns(text="query", label="intent", tags="fine"))
    assert list(corpus) == [Example("Ada", (Span(0, 3, "PER"),), "greet")]
    assert refusal(made, NamedColumns(tags="coarse")) == (
        "dataset: must have the column 'coarse' for the tags, has: query, intent, tokens, fine"
    )


def test_a_selection_is_read_as_it_is_seen():
    picked = CORPUS.to_dataset().select([2, 0]).rename_column("text", "sentence")
    assert list(from_dataset(picked)) == [CORPUS[2], CORPUS[0]]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"tokens": [["a"]], "blob": ["a"]},
            "dataset: must have a column 'text' or 'sentence' (with 'spans', 'label' or both), or the columns 'tokens' "
            "and 'ner_tags' (or 'tags', 'labels'), has: tokens, blob",
        ),
        ({"text": [True]}, "dataset: the column 'text' must hold strings, holds bool"),
        (
            {"text": ["a"], "label": [[0.5]]},
            "dataset: row 0: the field 'label' must be a class, a string or a whole number, was: 0.5; pass over",
        ),
        (
            {"text": ["a"], "spans": [[{"start": 0}]]},
            "dataset: the column 'spans' must hold lists of {start, end, label}, ",
        ),
        ({"text": ["a", None]}, "dataset: row 1: the text must not be null"),
        (
            {"tokens": [["a", "b"]], "tags": [["O"]]},
            "dataset: row 0: there must be one tag a token, are 1 tag for 2 tokens",
        ),
        (
            {"tokens": [["a"]], "tags": [["PER"]]},
            "dataset: row 0: a tag must be O or a prefix of B I E L U S M and a label,",
        ),
        ({"tokens": [["a", None]], "tags": [["O", "O"]]}, "dataset: row 0: a token must not be null, token 1 is"),
        (
            {"text": ["a b"], "tokens": [["b", "a"]], "tags": [["O", "O"]]},
            "dataset: row 0: the token 'a' must be in the text after character 3, is not in: ''",
        ),
        (
            {"text": ["a"], "spans": [[{"start": None, "end": 1, "label": "X"}]]},
            "dataset: row 0: span -1-1 'X' reaches outside the text of 1 character",
        ),
        (
            {"text": ["a"], "spans": [[{"start": 0, "end": 2**40, "label": "X"}]]},
            "dataset: row 0: span 0-2147483647 'X' reaches",
        ),
        (
            {"text": ["a"], "spans": [[{"start": 0, "end": 1, "label": None}]]},
            "dataset: row 0: span 0-1 must have a label",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(columns, message):
    assert refusal(dataset(**columns)).startswith(message)


def test_a_number_without_a_name_is_refused():
    table = pa.table({"text": ["a", "b"], "label": pa.array([0, 7])})
    made = datasets.Dataset(
        table, datasets.DatasetInfo(features=Features(text=Value("string"), label=ClassLabel(names=["x"])))
    )
    assert refusal(made) == "dataset: row 1: the label must be the number of a class, 0 to 0, was: 7"


def class_dataset(names, texts, labels):
    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=names)})
    return datasets.Dataset.from_dict({"text": texts, "label": labels}, features=features)


def test_names_keep_their_order_so_that_gold_and_synthetic_concatenate():
    gold = class_dataset(["travel", "greet", "unused"], ["hi", "to Rome", "hey"], [1, 0, 1])
    corpus = from_dataset(gold)
    assert corpus.names == Names(classes=("travel", "greet", "unused"))
    synthetic = Corpus.concat([corpus[1:2], corpus.take(np.array([2]))]).mask(np.array([True, True])).to_dataset()
    assert synthetic.features["label"] == gold.features["label"]
    both = datasets.concatenate_datasets([gold, synthetic])
    assert [both.features["label"].int2str(row) for row in both["label"]] == [
        "greet",
        "travel",
        "greet",
        "travel",
        "greet",
    ]


def test_new_classes_come_behind_those_that_are_declared():
    corpus = Corpus.from_columns(text=["a", "b"], label=["z", "new"]).with_names(Names(classes=("z", "a")))
    assert corpus.to_dataset().features["label"].names == ["z", "a", "new"]


def test_names_of_tags_keep_their_order():
    tags = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-MISC", "I-MISC"]
    features = datasets.Features(
        {
            "tokens": datasets.List(datasets.Value("string")),
            "ner_tags": datasets.List(datasets.ClassLabel(names=tags)),
        }
    )
    gold = datasets.Dataset.from_dict({"tokens": [["Ann", "in", "Rome"]], "ner_tags": [[1, 0, 3]]}, features=features)
    made = from_dataset(gold).to_dataset("token-classification")
    assert made.features["ner_tags"].feature.names == tags
    assert made["ner_tags"][0] == [1, 0, 3]


@pytest.mark.parametrize("scheme", ["iob1", "iob2", "bioes", "bilou", "bmes", "io"])
def test_every_label_is_read_from_every_scheme(scheme):
    labels = ["E-MAIL", "I-94", "B-cell", "B-", "-", "I-O", "B_PER", "PER-B", "a b", "x\ny"]
    corpus = Corpus.from_columns(
        text=["x " * len(labels) + "y"],
        spans=[[(2 * at, 2 * at + 1, label) for at, label in enumerate(labels)]],
        tokenizer="whitespace",
    )
    tokens, names = tokenize(corpus), list_tags(labels, scheme)
    codes = encode_tags(tokens, corpus, scheme, names).tolist()
    assert from_dataset(dataset(tokens=[tokens.strings.to_pylist()], tags=[[names[code] for code in codes]])) == corpus
    features = datasets.List(datasets.ClassLabel(names=names))
    made = dataset(tokens=[tokens.strings.to_pylist()], tags=[codes]).cast_column("tags", features)
    assert from_dataset(made) == corpus


def test_classes_follow_one_rule():
    for given, read in [([True, False, None], ["true", "false", None]), ([" a", "a ", " "], ["a", "a", None])]:
        assert from_dataset(dataset(text=["x", "y", "z"], label=given)).table.column("label").to_pylist() == read
