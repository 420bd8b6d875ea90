"""Tags that say which parts of speech and forms a word can be at its place: by the word before it, or by spaCy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from textsynth.corpus import Corpus
from textsynth.corpus.paragraph import cut_anywhere
from textsynth.corpus.ragged import Ragged
from textsynth.corpus.tokens import TokenTable
from textsynth.errors import OptionError
from textsynth.foundation.pipeline import load_pipeline
from textsynth.language.casing import casing
from textsynth.language.inflection import FORMS, Form, Part

Reading = tuple[Part, Form]

ANY, NONE, NAME = "any", "none", "name"
_BATCH = 256
"""Texts that spaCy is given at a time."""
_NOT_NEEDED = ("ner", "parser", "lemmatizer", "senter", "textcat", "textcat_multilabel", "entity_linker")


def _all(part: Part) -> frozenset[Reading]:
    return frozenset((part, form) for form in FORMS[part])


def _verb(*forms: Form) -> frozenset[Reading]:
    return frozenset(("verb", form) for form in forms)


_NOMINAL = _all("noun") | _all("adjective") | _all("adverb")

_CONTEXTS: Mapping[str, tuple[str, frozenset[Reading]]] = {
    "determined": (
        "a an the my your his its our their every each some any no another such very too so "
        "two three four five six seven eight nine ten",
        _NOMINAL,
    ),
    "governed": (
        "of in on at with for from by about into over under after before without through during between against",
        _NOMINAL | _verb("gerund"),
    ),
    "predicate": ("am is are was were be been being 'm 're 's m re s", _NOMINAL | _verb("gerund", "participle")),
    "perfect": ("have has had having 've ve", _NOMINAL | _verb("participle")),
    "infinitive": ("will would can could should might must shall 'll ll", _verb("base") | _all("adverb")),
    "to": ("to do does did", _NOMINAL | _verb("base", "gerund")),
    "subject": ("i we they he she who", _verb("base", "third", "past") | _all("adverb")),
}
"""For a tag the words it follows, and which readings a word behind them may have."""

TAGS: Mapping[str, frozenset[Reading]] = {
    ANY: _NOMINAL | _all("verb"),
    NONE: frozenset(),
    NAME: _all("noun"),
    **{tag: readings for tag, (_, readings) in _CONTEXTS.items()},
    # What spaCy's English pipelines give: Penn Treebank tags.
    "NN": frozenset({("noun", "base")}),
    "NNS": frozenset({("noun", "plural")}),
    "VB": _verb("base"),
    "VBP": _verb("base"),
    "VBZ": _verb("third"),
    "VBG": _verb("gerund"),
    "VBD": _verb("past"),
    "VBN": _verb("participle"),
    "RB": _all("adverb"),
    "JJ": frozenset({("adjective", "base")}),
    "JJR": frozenset({("adjective", "comparative")}),
    "JJS": frozenset({("adjective", "superlative")}),
    # What the others give: Universal Dependencies.
    "NOUN": _all("noun"),
    "VERB": _all("verb"),
    "ADJ": _all("adjective"),
    "ADV": _all("adverb"),
}
"""For each tag what a word that has it can be."""

CODES = tuple(TAGS)
_FOLLOWERS = {word: CODES.index(tag) for tag, (words, _) in _CONTEXTS.items() for word in words.split()}
_NAMES = ("NNP", "NNPS", "PROPN")
_ACRONYM = 3
"""Letters of a word in capitals that looks like a name, at most; longer ones may be shouted."""
_JOINING = frozenset(",;&/-'’")


def tag_by_context(tokens: TokenTable, vocabulary: list[str], word: np.ndarray) -> np.ndarray:
    """Returns for each token the position of its tag in `CODES`, by the word before it, `(tokens,)`.

    Capitalised words that begin no sentence and short ones in capitals look like names.

    Args:
        tokens: the tokens.
        vocabulary: the distinct ones.
        word: `(tokens,)`; which of these each is.
    """
    if not len(word):
        return np.zeros(0, np.int64)
    # The first token of each text has no word before it; `roll` gives it one of another text, which `first` hides.
    first = Ragged.of_bounds(tokens.rows).rank == 0
    before = np.roll(word, 1)
    # Everything is found out once for each distinct token, then taken for all tokens by their numbers.
    opens = np.array([_opens_sentence(each) for each in vocabulary])[before] | first
    title = np.array([casing(each) == "title" for each in vocabulary])[word]
    acronym = np.array([len(each) <= _ACRONYM and casing(each) == "upper" for each in vocabulary])[word]
    follows = np.array([_tag_behind(each.lower()) for each in vocabulary], np.int64)
    codes = np.where(first, CODES.index(ANY), follows[before])
    return np.where((title & ~opens) | acronym, CODES.index(NAME), codes)


def _tag_behind(token: str) -> int:
    """Returns the position of the tag that a word has behind a token in lower case; a number is a determiner."""
    return _FOLLOWERS.get(token, CODES.index("determined") if token.isdecimal() else 0)


def _opens_sentence(token: str) -> bool:
    """Says whether a sentence may begin behind a token: a full stop, a colon, a quotation mark, a bullet."""
    return not any(character.isalnum() or character in _JOINING for character in token)


def tag_by_spacy(corpus: Corpus, tokens: TokenTable, model: str) -> np.ndarray:
    """Returns for each token the position of its tag in `CODES`, `NONE` if spaCy cuts the text at other places.

    Raises:
        MissingDependency: if spaCy or the model is not installed.
        OptionError: if the pipeline has no tagger.
    """
    nlp = load_pipeline(model)
    codes = np.full(len(tokens.starts), CODES.index(NONE), np.int64)
    pieces = _cut_texts(corpus.texts.to_pylist(), nlp.max_length)
    with nlp.select_pipes(disable=[name for name in nlp.pipe_names if name in _NOT_NEEDED]):
        for doc, (row, first) in nlp.pipe(pieces, as_tuples=True, batch_size=_BATCH):
            if len(doc) and not (doc.has_annotation("TAG") or doc.has_annotation("POS")):
                raise OptionError(f"option 'spacy_model': {model!r} must have a tagger, has: {nlp.pipe_names}")
            known = {first + token.idx: (len(token), _code(token)) for token in doc}
            begin, end = np.searchsorted(
                tokens.starts[tokens.rows[row] : tokens.rows[row + 1]], [first, first + len(doc.text)]
            )
            for token in range(tokens.rows[row] + begin, tokens.rows[row] + end):
                length, code = known.get(int(tokens.starts[token]), (0, 0))
                if length == tokens.ends[token] - tokens.starts[token]:
                    codes[token] = code
    return codes


def _cut_texts(texts: Sequence[str], longest: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yields texts, in pieces if they are long, each with its row and the place of its first character."""
    for row, text in enumerate(texts):
        first = 0
        for piece in cut_anywhere(text, longest):
            yield piece, (row, first)
            first += len(piece)


def _code(token: Any) -> int:
    if token.tag_ in _NAMES or token.pos_ in _NAMES:
        return CODES.index(NAME)
    tag = next((each for each in (token.tag_, token.pos_) if each in TAGS), NONE)
    return CODES.index(tag)
