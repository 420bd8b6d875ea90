import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hostile_corpus import HOSTILE, assert_round_trip, snips

from textsynth import formats
from textsynth.conversion import files
from textsynth.corpus import SCHEMA, Corpus, Names
from textsynth.corpus.example import Example, Span
from textsynth.errors import FormatError, InputError
from textsynth.formats import parquet as parquet_format
from textsynth.formats.parquet import Parquet
from textsynth.reading.records import Faults


def save(path, features=None, **columns):
    """Writes as Hugging Face datasets does, or without any features as others do."""
    if features is None:
        pq.write_table(pa.table(columns), path)
    else:
        datasets.Dataset.from_dict(columns, features=datasets.Features(features)).to_parquet(str(path))
    return path


def test_an_example_is_written_as_one_row(tmp_path):
    path = tmp_path / "x.parquet"
    formats.write(Corpus.from_examples([Example("Ada", (Span(0, 3, "PERSON"),), "greet", "made", "p1")]), path)
    table = pq.read_table(path)
    assert table.to_pylist() == [
        {
            "text": "Ada",
            "spans": [{"start": 0, "end": 3, "label": "PERSON"}],
            "label": "greet",
            "origin": "made",
            "parent": "p1",
        }
    ]
    assert table.schema.types == SCHEMA.types


def test_a_batch_is_a_row_group_and_the_tokenizer_is_kept(tmp_path):
    path = tmp_path / "x.parquet"
    batches = [Corpus.from_columns(text=[text, "b"], tokenizer="whitespace") for text in "xyz"]
    Parquet().write([Corpus.empty(), *batches], path)
    assert pq.ParquetFile(path).num_row_groups >= 3
    assert formats.read(path).tokenizer == "whitespace"
    Parquet().write([*batches, Corpus.from_columns(text=["c"])], path)
    assert formats.read(path).tokenizer == "words"


def test_the_same_corpus_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        formats.write(HOSTILE, tmp_path / f"{name}.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_hugging_face_datasets_reads_it(tmp_path):
    path = tmp_path / "x.parquet"
    formats.write(HOSTILE, path)
    loaded = datasets.Dataset.from_parquet(str(path), cache_dir=str(tmp_path / "cache"))
    assert Corpus.from_dataset(loaded) == HOSTILE


def test_integers_get_their_names_from_hugging_face_features(tmp_path):
    features = {
        "sentence": datasets.Value("string"),
        "label": datasets.ClassLabel(names=["bad", "good"]),
        "spans": datasets.List(
            {
                "start": datasets.Value("int64"),
                "end": datasets.Value("int64"),
                "label": datasets.ClassLabel(names=["ORG", "PERSON"]),
            }
        ),
    }
    spans = [[{"start": 4, "end": 5, "label": 0}, {"start": 0, "end": 3, "label": 1}], [], []]
    path = save(tmp_path / "x.parquet", features, sentence=["Ada x", "b", "c"], label=[1, -1, None], spans=spans)
    assert list(formats.read(path)) == [
        Example("Ada x", (Span(0, 3, "PERSON"), Span(4, 5, "ORG")), "good"),
        Example("b"),
        Example("c"),
    ]


def test_tokens_with_tags_are_read(tmp_path):
    features = {
        "id": datasets.Value("string"),
        "tokens": datasets.List(datasets.Value("string")),
        "ner_tags": datasets.List(datasets.ClassLabel(names=["O", "B-PER", "I-PER"])),
    }
    tokens = [["Ada", "Ng", "is", "here"], []]
    path = save(tmp_path / "x.parquet", features, id=["0", "1"], tokens=tokens, ner_tags=[[1, 2, 0, 0], []])
    corpus = formats.read(path)
    assert list(corpus) == [Example("Ada Ng is here", (Span(0, 6, "PER"),)), Example("")]
    assert corpus.tokenizer == "whitespace"


def test_other_columns_can_be_named(tmp_path):
    path = save(tmp_path / "x.parquet", utterance=["hi"], text=[3], intent=["greet"])
    corpus = formats.read(path, options={"text": "utterance", "label": "intent"})
    assert list(corpus) == [Example("hi", (), "greet")]
    with pytest.raises(FormatError) as caught:
        formats.read(path, options={"text": "query"})
    assert str(caught.value) == f"{path}: must have the column 'query' for the text, has: utterance, text, intent"


def test_pandas_categories_and_large_strings_are_strings(tmp_path):
    category = pa.array(["good", None, "good"]).dictionary_encode()
    path = save(tmp_path / "x.parquet", text=pa.array(["a", "b", "c"], pa.large_string()), label=category)
    assert [example.label for example in formats.read(path)] == ["good", None, "good"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"blob": ["a"]}, "must have a column 'text' or 'sentence' (with 'spans', 'label' or both), or the columns "),
        ({"blob": ["a"]}, "'tokens' and 'ner_tags' (or 'tags', 'labels'), has: blob"),
        ({"text": [1]}, "the column 'text' must hold strings, holds int64"),
        (
            {"text": ["a"], "label": [b"b"]},
            "the column 'label' must hold strings, whole numbers or a ClassLabel, or lists of these, holds binary",
        ),
        ({"text": ["a"], "spans": [[1]]}, "the column 'spans' must hold lists of {start, end, label}, holds list<"),
        (
            {"tokens": [["a"]], "ner_tags": [[0]]},
            "the column 'ner_tags' must hold lists of strings or of a ClassLabel,",
        ),
    ],
)
def test_columns_that_cannot_be_used_are_named(tmp_path, columns, message):
    path = save(tmp_path / "x.parquet", **columns)
    with pytest.raises(FormatError) as caught:
        formats.read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)


def test_a_fault_says_which_row_in_any_batch(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_format, "BATCH", 2)
    spans = [[], [], [{"start": 0, "end": 9, "label": "X"}], [], []]
    path = save(tmp_path / "x.parquet", text=["a", "b", "c", None, "e"], spans=spans)
    with pytest.raises(FormatError) as caught:
        formats.read(path)
    assert str(caught.value) == f"{path}:row 3: span 0-9 'X' reaches outside the text of 1 character"
    faults = Faults("skip")
    assert [[example.text for example in batch] for batch in Parquet().read(path, faults)] == [["a", "b"], [], ["e"]]
    assert [(fault.line, fault.reason) for _, fault in faults.rejected][1] == ("row 4", "the text must not be null")


def test_a_text_that_is_not_utf_8_is_a_fault(tmp_path):
    broken = pa.StringArray.from_buffers(2, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"), pa.py_buffer(b"a\xff"))
    path = save(tmp_path / "x.parquet", text=broken)
    with pytest.raises(FormatError) as caught:
        formats.read(path)
    assert str(caught.value) == f"{path}:row 2: the text must be UTF-8, was: b'\\xff'"


def test_what_is_no_whole_parquet_file_is_refused(tmp_path):
    path = tmp_path / "x.parquet"
    path.write_text("no")
    with pytest.raises(FormatError, match=r"x.parquet: must be a parquet file: "):
        formats.read(path)
    formats.write(Corpus.from_columns(text=[str(row) * 100 for row in range(100)]), path)
    raw = bytearray(path.read_bytes())
    raw[4:60] = bytes(56)
    path.write_bytes(raw)
    with pytest.raises(FormatError, match=r"x.parquet: must be a whole parquet file: "):
        formats.read(path)
    with pytest.raises(InputError, match="must be a file to read, is a directory"):
        list(Parquet().read(tmp_path, Faults()))


def test_it_is_known_by_content_and_by_name(tmp_path):
    path = tmp_path / "odd.name"
    formats.write(HOSTILE, path, "parquet")
    assert isinstance(files.find(path), Parquet)
    assert Parquet.recognises(tmp_path / "x.parquet", "") == 1


def test_hostile_and_real_texts_come_back(tmp_path, public_or_twin):
    assert_round_trip(HOSTILE, tmp_path / "hostile.parquet", "parquet")
    assert_round_trip(snips(public_or_twin), tmp_path / "snips.parquet", "parquet")


def test_spans_are_found_under_the_names_people_use(tmp_path):
    spans = [[{"start_offset": 0, "end_offset": 3, "type": "PER"}], []]
    path = save(tmp_path / "x.parquet", Utterance=["Ann ran", "b"], entities=spans, intent=["go", " go"])
    assert list(formats.read(path)) == [Example("Ann ran", (Span(0, 3, "PER"),), "go"), Example("b", (), "go")]


@pytest.mark.parametrize(
    ("columns", "name", "kind", "option"),
    [
        ({"found": [[{"start": 0, "end": 1, "label": "X"}]]}, "found", "a list of objects with start and end", "spans"),
        ({"label": ["a"], "intent": ["b"]}, "intent", "a class", "label"),
    ],
)
def test_an_annotation_that_is_not_read_is_refused(columns, name, kind, option, tmp_path):
    path = save(tmp_path / "x.parquet", text=["a"], **columns)
    with pytest.raises(FormatError) as caught:
        formats.read(path)
    assert str(caught.value) == (
        f"{path}: the field {name!r} looks like {kind} and would not be read; "
        f'read it with {option} = "{name}", or pass over it with ignore = ["{name}"]'
    )
    assert len(formats.read(path, options={"ignore": [name]})) == 1
    assert len(formats.read(path, options={option: name, "ignore": ["label"]})) == 1


def test_names_are_kept_in_their_order(tmp_path):
    features = {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["z", "a", "unused"])}
    corpus = formats.read(save(tmp_path / "x.parquet", features, text=["a", "b"], label=[1, 0]))
    assert corpus.names == Names(classes=("z", "a", "unused"))
    for name in ("y.parquet", "z.dataset"):
        formats.write(corpus, tmp_path / name)
        assert formats.read(tmp_path / name).names == corpus.names


def test_tags_in_every_way_to_write_them(tmp_path):
    path = save(tmp_path / "x.parquet", tokens=[["Ann", "Lee"], ["hi"]], tags=[["B_PER", "I_PER"], ["O"]])
    assert list(formats.read(path)) == [Example("Ann Lee", (Span(0, 7, "PER"),)), Example("hi")]
    path = save(tmp_path / "y.parquet", tokens=[["Ann", "x"]], tags=[["I-94", "O"]])
    with pytest.raises(FormatError, match="settle it with the option scheme"):
        formats.read(path)
    assert formats.read(path, options={"scheme": "io"}).labels == ("I-94",)


def test_columns_are_written_under_the_names_that_options_give(tmp_path):
    path, options = tmp_path / "x.parquet", {"text": "sentence", "spans": "entities", "label": "intent"}
    formats.write(HOSTILE, path, options=options)
    assert pq.read_schema(path).names == ["sentence", "entities", "intent", "origin", "parent"]
    assert formats.read(path, options=options) == HOSTILE


def test_the_name_of_a_tokenizer_comes_back(tmp_path):
    for tokenizer in ("words", "whitespace", "spacy:ja"):
        formats.write(Corpus.from_columns(text=["x"], tokenizer=tokenizer), tmp_path / "x.parquet")
        assert formats.read(tmp_path / "x.parquet").tokenizer == tokenizer
