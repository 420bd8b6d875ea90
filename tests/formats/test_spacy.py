import builtins
import functools
import json
import subprocess
import sys

import pytest
import spacy
from hostile_corpus import HOSTILE, assert_round_trip, snips
from spacy.lang.en import English
from spacy.tokens import DocBin
from spacy.tokens import Span as DocSpan
from spacy.vocab import create_vocab

from textsynth import formats
from textsynth.components import registry
from textsynth.conversion import files
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.errors import FormatError, MissingDependency, OptionError
from textsynth.formats.spacy import Spacy
from textsynth.foundation.pipeline import load_blank
from textsynth.reading.records import Faults


def docs_of(path):
    fresh = create_vocab("en", English.Defaults)  # Knows no words but those of the file.
    return list(DocBin().from_disk(path).get_docs(fresh))


def save(path, *docs):
    DocBin(docs=docs, store_user_data=True).to_disk(path)
    return path


@functools.cache
def english():
    return spacy.blank("en")


def doc_with(text, cats=None, *ents):
    doc = english()(text)
    doc.cats = cats or {}
    doc.ents = [DocSpan(doc, first, stop, label=label) for first, stop, label in ents]
    return doc


def test_an_example_is_written_as_spacy_has_it(tmp_path):
    path = tmp_path / "train.spacy"
    corpus = Corpus.from_examples(
        [
            Example("Ada's  car, subway", (Span(0, 3, "PERSON"), Span(15, 18, "WAY")), "own", "made", "p1"),
            Example("New York", (Span(0, 8, "CITY"),), "place"),
            Example("none"),
        ]
    )
    formats.write(corpus, path)
    first, second, third = docs_of(path)
    assert first.text == "Ada's  car, subway"
    assert [token.text for token in first] == ["Ada", "'s", " ", "car", ",", "sub", "way"]
    assert [(ent.text, ent.label_) for ent in first.ents] == [("Ada", "PERSON"), ("way", "WAY")]
    assert first.user_data == {"origin": "made", "parent": "p1"}
    assert (first.cats, second.cats, third.cats) == ({"own": 1.0, "place": 0.0}, {"own": 0.0, "place": 1.0}, {})
    assert [token.ent_iob_ for token in second] == ["B", "I"]
    assert [token.ent_iob_ for token in third] == ["O"]


def test_user_data_of_others_is_read_as_far_as_it_is_known(tmp_path):
    doc = doc_with("a")
    doc.user_data = {"origin": "made", ("._.", "x", None, None): [1], "parent": "p1"}
    [example] = formats.read(save(tmp_path / "x.spacy", doc))
    assert (example.origin, example.parent) == ("made", "p1")


def test_classes_of_all_batches_are_in_every_doc(tmp_path):
    path = tmp_path / "train.spacy"
    corpus = Corpus.from_columns(text=["a", "b", "c"], label=["x", "y", "x"])
    Spacy().write([corpus[:1], corpus[1:]], path)
    assert [doc.cats for doc in docs_of(path)] == [{"x": 1.0, "y": 0.0}, {"x": 0.0, "y": 1.0}, {"x": 1.0, "y": 0.0}]


def test_the_same_corpus_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        formats.write(HOSTILE, tmp_path / f"{name}.spacy")
    assert (tmp_path / "a.spacy").read_bytes() == (tmp_path / "b.spacy").read_bytes()


def test_the_language_is_an_option(tmp_path):
    path = tmp_path / "train.spacy"
    formats.write(Corpus.from_columns(text=["l'acqua"]), path, options={"language": "it"})
    assert [token.text for token in docs_of(path)[0]] == ["l'", "acqua"]


@pytest.mark.parametrize(
    ("cats", "label"),
    [
        ({}, None),
        ({"x": 0.0, "y": 0.0}, None),
        ({"x": 1.0, "y": 0.0}, "x"),
        ({"x": 0.3, "y": 0.4}, "y"),
        ({"x": 0.5, "y": 0.49}, "x"),
    ],
)
def test_the_class_with_the_greatest_value_is_read(tmp_path, cats, label):
    path = save(tmp_path / "x.spacy", doc_with("Ada is here", cats, (0, 1, "PERSON")))
    assert list(formats.read(path)) == [Example("Ada is here", (Span(0, 3, "PERSON"),), label)]


@pytest.mark.parametrize("cats", [{"x": 0.5, "y": 0.9}, {"x": 1.0, "y": 1.0}])
def test_all_classes_that_reach_a_half_are_read(tmp_path, cats):
    none, weak = dict.fromkeys(cats, 0.0), {"x": 0.4, "y": 0.1}
    path = save(tmp_path / "x.spacy", *(doc_with("hi", each) for each in ({}, cats, none, weak)))
    assert [example.label for example in formats.read(path)] == [None, ("x", "y"), (), ()]


def test_one_score_for_two_classes_under_a_half_is_refused(tmp_path):
    path = save(tmp_path / "x.spacy", doc_with("fine"), doc_with("hi", {"x": 0.4, "y": 0.4}))
    with pytest.raises(FormatError) as caught:
        formats.read(path)
    assert str(caught.value) == f"{path}:doc 2: the classes x, y have one score, under 0.5: 0.4"


def doc_with_groups(ents, **groups):
    doc = doc_with("The Bank of Rome pays.", None, *ents)
    for name, spans in groups.items():
        doc.spans[name] = [DocSpan(doc, first, stop, label=label) for first, stop, label in spans]
    return doc


BANK, ROME = (1, 4, "ORG"), (3, 4, "LOC")
ONE, TWO = Span(4, 16, "ORG"), Span(12, 16, "LOC")


@pytest.mark.parametrize(
    ("doc", "options", "spans"),
    [
        (doc_with_groups([], sc=[BANK]), {}, (ONE,)),
        (doc_with_groups([BANK], sc=[BANK]), {}, (ONE,)),
        (doc_with_groups([BANK], sc=[]), {}, (ONE,)),
        (doc_with_groups([BANK], sc=[ROME]), {"spans": "sc"}, (TWO,)),
        (doc_with_groups([BANK], sc=[ROME]), {"spans": "ents"}, (ONE,)),
        (doc_with_groups([BANK], sc=[ROME]), {"ignore": ["sc"]}, (ONE,)),
        (doc_with_groups([BANK], sc=[ROME]), {"ignore": ["ents"]}, (TWO,)),
        (doc_with_groups([], a=[BANK], b=[ROME]), {"ignore": ["a"]}, (TWO,)),
        (doc_with_groups([BANK]), {"spans": "sc"}, ()),
        (doc_with_groups([], sc=[BANK, ROME]), {"repair": ["longest"]}, (ONE,)),
    ],
)
def test_the_only_group_of_spans_is_read_or_the_one_that_is_named(tmp_path, doc, options, spans):
    assert formats.read(save(tmp_path / "x.spacy", doc), options=options)[0].spans == spans


@pytest.mark.parametrize(
    ("doc", "says"),
    [
        (doc_with_groups([BANK], sc=[ROME]), "spans must be in one group, differ in doc.ents and doc.spans['sc']; say"),
        (doc_with_groups([], a=[BANK], b=[ROME]), 'with spans = "a", or pass over others with ignore = ["b"]'),
        (
            doc_with_groups([], sc=[BANK, ROME]),
            "span 12-16 'LOC' overlaps the span before it, which ends at 16; mend it with repair = [\"longest\"]",
        ),
    ],
)
def test_groups_that_differ_or_overlap_are_refused(tmp_path, doc, says):
    with pytest.raises(FormatError) as caught:
        formats.read(save(tmp_path / "x.spacy", doc))
    assert ":doc 1: " in str(caught.value)
    assert says in str(caught.value)


def test_groups_that_are_not_read_are_named(tmp_path, caplog):
    path = save(tmp_path / "x.spacy", doc_with_groups([BANK], sc=[ROME]))
    formats.read(path, options={"spans": "sc"})
    formats.read(path, options={"spans": "ents", "ignore": ["sc"]})
    assert [record.getMessage() for record in caplog.records] == [
        f"{path}: not read: doc.ents; 'ignore' takes what is to go unsaid"
    ]


def test_entities_that_break_an_invariant_can_be_set_aside(tmp_path):
    path = save(tmp_path / "x.spacy", doc_with("a\n b", None, (0, 2, "X")), doc_with("kept"))
    faults = Faults("skip")
    assert [example.text for batch in Spacy().read(path, faults) for example in batch] == ["kept"]
    [(_, fault)] = faults.rejected
    assert (fault.line, fault.reason) == (
        "doc 1",
        "span 0-3 'X' begins or ends in white space: 'a\\n '; mend it with repair = [\"trim\"]",
    )


@pytest.mark.parametrize("raw", [b"", b"not a DocBin", b"x\x9c\x03\x00\x00\x00\x00\x01"])
def test_a_file_that_is_no_docbin_is_refused(tmp_path, raw):
    path = tmp_path / "x.spacy"
    path.write_bytes(raw)
    with pytest.raises(FormatError) as caught:
        formats.read(path)
    assert str(caught.value) == f"{path}: must be a spaCy DocBin, which starts as zlib does, starts: {raw[:8]!r}"


def test_an_unknown_language_is_an_error(tmp_path):
    with pytest.raises(OptionError, match="option 'language' must be one that spaCy knows, was: 'klingon'"):
        formats.write(HOSTILE, tmp_path / "x.spacy", options={"language": "klingon"})
    assert list(tmp_path.iterdir()) == []


def test_without_spacy_the_message_says_what_to_install(tmp_path, monkeypatch):
    real = builtins.__import__

    def without_spacy(name, *args, **kwargs):
        if name.partition(".")[0] == "spacy":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    load_blank.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without_spacy)
    path = tmp_path / "x.spacy"
    for action in (lambda: formats.write(HOSTILE, path), lambda: list(Spacy().read(path, Faults()))):
        with pytest.raises(
            MissingDependency, match=r"spaCy is not installed; pip install .textsynth-corpora\[spacy\]."
        ):
            action()


def test_it_is_known_by_name(tmp_path):
    assert Spacy.recognises(tmp_path / "Train.SPACY", "x\ufffd") == 1
    assert Spacy.recognises(tmp_path / "train.txt", "x") == 0


@pytest.mark.parametrize("language", ["en", "xx"])
def test_hostile_and_real_texts_come_back(tmp_path, public_or_twin, language):
    assert_round_trip(HOSTILE, tmp_path / "hostile.spacy", "spacy", language=language)
    assert_round_trip(snips(public_or_twin), tmp_path / "snips.spacy", "spacy", language=language)


def run_spacy(folder, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "spacy", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_spacy_finds_nothing_wrong_and_trains(tmp_path, public_or_twin):
    corpus = snips(public_or_twin, 400)
    corpus = Corpus.concat([corpus] * -(-400 // len(corpus)))  # spaCy refuses to train on fewer than a hundred docs.
    formats.write(corpus[::2], tmp_path / "train.spacy")
    formats.write(corpus[1::2], tmp_path / "dev.spacy")
    run_spacy(tmp_path, "init", "config", "--lang", "en", "--pipeline", "ner,textcat", "config.cfg")
    pair = ("config.cfg", "--paths.train", "train.spacy", "--paths.dev", "dev.spacy")
    told = run_spacy(tmp_path, "debug", "data", *pair)
    assert "No entities consisting of or starting/ending with whitespace" in told
    assert "No entities crossing sentence boundaries" in told
    told = run_spacy(tmp_path, "train", *pair, "--training.max_steps", "4", "--training.eval_frequency", "2")
    assert "Pipeline: ['tok2vec', 'ner', 'textcat']" in told


def document(*paragraphs):
    return {"id": 0, "paragraphs": list(paragraphs)}


def paragraph(*tokens, raw="Ann Lee ran.", **more):
    listed = [{"id": at, "orth": orth} | ({"ner": ner} if ner else {}) for at, (orth, ner) in enumerate(tokens)]
    return {"raw": raw, "sentences": [{"tokens": listed}]} | more


ANN_LEE = paragraph(("Ann", "B-PER"), ("Lee", "L-PER"), ("ran", "O"), (".", "O"))
ANN_LEE_READ = Example("Ann Lee ran.", (Span(0, 7, "PER"),))


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ([document(ANN_LEE, ANN_LEE)], [ANN_LEE_READ] * 2),
        (document(ANN_LEE), [ANN_LEE_READ]),
        ([document(ANN_LEE | {"entities": [[0, 7, "PER"]]})], [ANN_LEE_READ]),
        ([document(paragraph(("Ann", None), ("ran", None), raw="Ann ran") | {"entities": [[0, 3, "P"]]})],
         [Example("Ann ran", (Span(0, 3, "P"),))]),
        ([document(paragraph(("No", "-"), raw="No", cats=[{"label": "a", "value": 1}, {"label": "b", "value": 0}]))],
         [Example("No", (), "a")]),
    ],
)  # fmt: skip
def test_the_json_of_version_2_is_read(tmp_path, made, expected):
    path = tmp_path / "train.json"
    path.write_text(json.dumps(made, indent=1), encoding="utf-8")
    assert registry.name_of(files.find(path)) == "spacy"
    assert list(formats.read(path)) == expected


def test_what_spacy_makes_of_docs_is_read(tmp_path):
    docs_to_json = pytest.importorskip("spacy.training").docs_to_json
    doc = english()("Ann Lee ran.  So did Bo.")
    doc[0].is_sent_start, doc[5].is_sent_start = True, True
    for token in doc[1:5]:
        token.is_sent_start = False
    doc.ents, doc.cats = [doc.char_span(0, 7, "PER"), doc.char_span(21, 23, "PER")], {"a": 1.0, "b": 0.0}
    path = tmp_path / "train.json"
    path.write_text(json.dumps([docs_to_json([doc])]), encoding="utf-8")
    assert list(formats.read(path)) == [Example(doc.text, (Span(0, 7, "PER"), Span(21, 23, "PER")), "a")]


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (paragraph(("Ann", "B-PER"), ("ran", "-")), "each token must have a tag as 'ner', or none of them, was: '-'"),
        (paragraph(("Bo", "U-PER")), "the token 'Bo' must be in the text after character 0"),
        (ANN_LEE | {"entities": [[0, 3, "PER"]]}, "the tags of the tokens and 'entities' must say the same, differ"),
        (ANN_LEE | {"cats": 3}, "the field 'cats' must be a list of labels with values, was: 3"),
        (paragraph((3, "O")), "a token must have a string 'orth'"),
    ],
)
def test_a_fault_in_json_says_which_paragraph(tmp_path, made, says):
    path = tmp_path / "train.json"
    path.write_text(json.dumps([document(ANN_LEE, made)]), encoding="utf-8")
    with pytest.raises(FormatError) as caught:
        formats.read(path)
    assert str(caught.value).startswith(f"{path}:record 1, paragraph 2: {says}")


def test_characters_of_scripts_without_spaces_are_tokens_whatever_spans_there_are(tmp_path):
    texts, spans = ["我在IBM工作", "ฉันไป", "Mr 周"], [[Span(1, 2, "X")], [Span(0, 3, "X")], []]
    docs = []
    for some in (spans, [[], [], []]):
        examples = [Example(text, tuple(each)) for text, each in zip(texts, some, strict=True)]
        formats.write(Corpus.from_examples(examples), tmp_path / "x.spacy")
        docs.append([[token.text for token in doc] for doc in docs_of(tmp_path / "x.spacy")])
    assert docs[0] == docs[1] == [["我", "在", "IBM", "工", "作"], ["ฉั", "น", "ไ", "ป"], ["Mr", "周"]]


def test_the_tokenizer_of_the_corpus_cuts_the_texts_if_no_language_is_named(tmp_path):
    corpus = Corpus.from_columns(text=["l'acqua"], tokenizer="spacy:it")
    formats.write(corpus, tmp_path / "x.spacy")
    assert [[token.text for token in doc] for doc in docs_of(tmp_path / "x.spacy")] == [["l'", "acqua"]]


def test_a_long_text_is_cut_in_pieces(tmp_path):
    text = "Ada didn't go.\n\n" * 2000
    formats.write(Corpus.from_columns(text=[text]), tmp_path / "x.spacy")
    (doc,) = docs_of(tmp_path / "x.spacy")
    assert doc.text == text
    assert [token.text for token in doc if not token.is_space] == ["Ada", "did", "n't", "go", "."] * 2000


def test_spans_are_written_into_the_group_that_is_named(tmp_path):
    options = {"spans": "sc"}
    formats.write(HOSTILE, tmp_path / "x.spacy", options=options)
    docs = docs_of(tmp_path / "x.spacy")
    assert any(doc.spans.get("sc") for doc in docs)
    assert not any(doc.ents for doc in docs)
    assert formats.read(tmp_path / "x.spacy", options=options) == HOSTILE
