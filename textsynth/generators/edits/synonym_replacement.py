"""Replaces words by synonyms (EDA, Wei & Zou 2019; for labelled text Dai & Adel 2020)."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
import pydantic

from textsynth.components.component import Positive
from textsynth.corpus import Corpus
from textsynth.edits.draw import draw_counts
from textsynth.edits.edit import Edit
from textsynth.edits.edit_table import Material
from textsynth.edits.tokenised import Tokenised
from textsynth.edits.variant import VariantEditor
from textsynth.errors import MissingDependency, OptionError
from textsynth.extract import Resources, Template
from textsynth.foundation.disk import whole_file, write_whole
from textsynth.foundation.distinct import find_distinct
from textsynth.foundation.seeding import fingerprint
from textsynth.language.english import takes_an
from textsynth.language.identification import LanguageMixture
from textsynth.language.inflection import Inflector
from textsynth.language.tagging import CODES, NONE, tag_by_context, tag_by_spacy
from textsynth.synonyms.free_word import free_words
from textsynth.synonyms.neighbour import Neighbours
from textsynth.synonyms.synonym import SynonymFinder
from textsynth.synonyms.table import SynonymTable
from textsynth.synonyms.thesaurus import Thesaurus
from textsynth.synonyms.wordnet import INSTALL, PACKAGES, WordNet, locate
from textsynth.values.program import text_around

_TABLE, _TAGS, _ABOUT = "synonyms.tsv", "tags.npy", "about.json"
"""Files of what was learned: the synonyms; the tag of each token if spaCy gave them; and how they were found."""

_ARTICLES = {"a": 1, "an": 2}
"""Codes of the article before a word; 0 if there is none."""

Find = Callable[[str, str], list[str]]


@dataclass(frozen=True)
class SynonymEditor(VariantEditor):
    """An editor that replaces a share of all words, not only of those that have synonyms.

    Args:
        sizes: `(examples,)`; how many words of each might be replaced if they had synonyms.
    """

    sizes: np.ndarray

    @classmethod
    def of_places(
        cls, tokenised: Tokenised, places: np.ndarray, kind: np.ndarray, synonyms: list[list[str]], words: np.ndarray
    ) -> SynonymEditor:
        """Prepares the places whose kind has synonyms.

        Args:
            tokenised: the corpus.
            places: `(places,)` token positions.
            kind: `(places,)`; which list of synonyms goes with each.
            synonyms: the lists.
            words: `(tokens,)`; whether each is a word of which a share is replaced.
        """
        material, variants = Material.of_lists(tokenised, synonyms)
        of_token = np.zeros(len(tokenised.begin), np.int64)
        of_token[places] = kind
        sizes = np.bincount(tokenised.row[words], minlength=len(tokenised.corpus))
        places = places[variants.lengths[kind] > 0]
        return cls(tokenised, material, places, of_token, tokenised.end, variants, sizes)

    def draw_counts(self, chosen: np.ndarray, rate: float, rng: np.random.Generator) -> np.ndarray:
        """Draws the rate of all words, as the paper does, but no more than have synonyms."""
        return np.minimum(draw_counts(self.sizes[chosen], rate, rng), self.by_example.lengths[chosen])


@dataclass(frozen=True, kw_only=True)
class SynonymReplacement(Edit[SynonymEditor]):
    """Replaces words by synonyms, in the same form and casing.

    Function words, names and parts of addresses, hashtags and compounds stay. So do words of which the text does not
    tell which part of speech or form they are: a wrong synonym costs more than none. After "a" and "an" come synonyms
    that go with them, in sentences that are English. WordNet is English; a thesaurus or neighbours may be of another
    language.

    Args:
        rate: share of the words that are replaced, on average, if as many have synonyms; at least one an example.
        source: where synonyms come from: "wordnet", a "thesaurus", or "neighbours", which are words that stand in like
            contexts in the source. "auto" takes the thesaurus if one is given, else WordNet if it is installed, else
            neighbours.
        thesaurus: a file with a word, a tab and its synonyms with commas between, one word a line; after another tab
            may stand noun, verb, adjective or adverb, with which other forms of the word are found too.
        wordnet: the directory or zip file of the WordNet database; by default where it is usually installed.
        senses: how many senses of a word count in WordNet, the most frequent first.
        multiword: whether synonyms of several words count in WordNet.
        rare: whether synonyms count that WordNet's own counts saw hardly ever in their sense, as "clip" for "time".
        similarity: the least cosine of neighbours.
        spacy_model: tells parts of speech and forms; without one, the word before does. A package or a directory.
    """

    file_options: ClassVar[frozenset[str]] = frozenset({"thesaurus", "wordnet", "spacy_model"})

    source: Literal["auto", "wordnet", "thesaurus", "neighbours"] = "auto"
    thesaurus: str = ""
    wordnet: str = ""
    senses: Positive = 2
    multiword: bool = False
    rare: bool = False
    similarity: Annotated[float, pydantic.Field(gt=0, le=1)] = 0.6
    spacy_model: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.source == "thesaurus" and not self.thesaurus:
            raise OptionError("option 'thesaurus' must be given if source = \"thesaurus\", was: ''")
        for option, path, used in (("thesaurus", self.thesaurus, "thesaurus"), ("wordnet", self.wordnet, "wordnet")):
            if path and self.source not in ("auto", used):
                raise OptionError(f'option {option!r} must be empty if source = "{self.source}", was: {path!r}')
        if self.thesaurus and self.wordnet:
            raise OptionError("option 'wordnet' must be empty if a thesaurus is given, was: " + repr(self.wordnet))

    def libraries(self) -> frozenset[str]:
        """Names what tells parts of speech."""
        return super().libraries() | ({"spacy"} if self.spacy_model else set())

    def resolve_paths(self, folder: Path) -> Self:
        """Takes the thesaurus, the database and a directory with a spaCy pipeline from a folder."""
        model = self.spacy_model
        return dataclasses.replace(
            self,
            thesaurus=str(folder / self.thesaurus) if self.thesaurus else "",
            wordnet=str(folder / self.wordnet) if self.wordnet else "",
            spacy_model=str(folder / model) if model and (folder / model).is_dir() else model,
        )

    def learn(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Looks up the synonyms of every word as it stands, and writes them down.

        Raises:
            MissingDependency: if WordNet is asked for and not installed, or spaCy or its model.
            FormatError: `file:line` of a thesaurus, or a WordNet that is damaged.
            InputError: if a file cannot be read.
            OptionError: if there is no WordNet at the path, or the spaCy pipeline has no tagger.
        """
        tokenised = Tokenised.of(resources.source)
        words, word = tokenised.vocabulary
        by_spacy = bool(self.spacy_model)
        tag = _tags(tokenised) if not by_spacy else tag_by_spacy(tokenised.corpus, tokenised.tokens, self.spacy_model)
        name, find = self._source(tokenised, tag if by_spacy else None, rng)
        may = self._replaceable(tokenised)
        pairs, counts = np.unique(word[may] * len(CODES) + tag[may], return_counts=True)
        frequent = pairs[np.lexsort((-counts, pairs // len(CODES)))].tolist()
        found = [(words[pair // len(CODES)], CODES[pair % len(CODES)]) for pair in frequent]
        SynonymTable({pair: find(*pair) for pair in found}).write(directory / _TABLE)
        shares = _find_languages(resources) if _articles(tokenised)[may].any() else {}
        about = {"source": name, "languages": shares, "texts": _stamp(tokenised) if by_spacy else ""}
        write_whole(directory / _ABOUT, json.dumps(about, indent=1))
        if by_spacy:
            with whole_file(directory / _TAGS) as partial, partial.open("wb") as file:
                np.save(file, tag.astype(np.uint8), allow_pickle=False)

    def editor(self, tokenised: Tokenised, directory: Path) -> SynonymEditor:
        """Reads the synonyms, and finds those of every distinct word, tag and article before it."""
        about = json.loads((directory / _ABOUT).read_text(encoding="utf-8"))
        table = SynonymTable.read(directory / _TABLE)
        words, word = tokenised.vocabulary
        editable = self.find_editable(tokenised)
        places = np.flatnonzero(editable & self._replaceable(tokenised))
        tag = _tags_for(tokenised, table, about["texts"], directory)[places]
        article = _articles(tokenised)[places]
        entries = [table.entries.get((words[w], CODES[t]), ()) for w, t in zip(word[places], tag, strict=True)]
        bound = [len(_agreeing(some, a)) < len(some) for some, a in zip(entries, article.tolist(), strict=True)]
        rows = tokenised.row[places[np.array(bound, bool)]]
        article *= _find_english(tokenised.corpus, rows, LanguageMixture(about["languages"]))[tokenised.row[places]]
        kinds, kind = np.unique(np.stack([word[places], tag, article]), axis=1, return_inverse=True)
        synonyms = [_agreeing(table.entries.get((words[w], CODES[t]), ()), a) for w, t, a in kinds.T.tolist()]
        return SynonymEditor.of_places(tokenised, places, kind.ravel(), synonyms, editable)

    def explain_unusable(self, directory: Path) -> str:
        """Says where synonyms came from, and how there are more."""
        source = json.loads((directory / _ABOUT).read_text(encoding="utf-8"))["source"]
        if source != "neighbours":
            return f"the {source} has no synonyms for any word of the source"
        return (
            f"no words of the source are used so alike that they count as synonyms (similarity = {self.similarity:g}); "
            f"give a 'thesaurus', or install WordNet for English ({PACKAGES})"
        )

    def _replaceable(self, tokenised: Tokenised) -> np.ndarray:
        """Says for each token whether it is a word of its own, `(tokens,)`."""
        return tokenised.is_word & free_words(tokenised.points, tokenised.begin, tokenised.end)

    def _source(self, tokenised: Tokenised, tag: np.ndarray | None, rng: np.random.Generator) -> tuple[str, Find]:
        """Returns where synonyms come from, and what finds those of a word with a tag."""
        if self.thesaurus:
            thesaurus = Thesaurus.read(Path(self.thesaurus))
            return "thesaurus", SynonymFinder(thesaurus, Inflector(), sys.maxsize, stop_words=frozenset()).find
        files = locate(self.wordnet) if self.source in ("auto", "wordnet") else None
        if files is not None:
            database = WordNet(files, multiword=self.multiword, rare=self.rare)
            return "wordnet", SynonymFinder(database, Inflector(database.exceptions()), self.senses).find
        if self.source == "wordnet":
            raise MissingDependency(f"there is no WordNet database; {INSTALL}")
        return "neighbours", Neighbours.learn(tokenised.tokens, tokenised.labels(), self.similarity, rng, tag).find


def _find_languages(resources: Resources) -> dict[str, float]:
    """Returns the languages of the source with their shares, by what stands around its mentions."""
    return dict(LanguageMixture.of([text_around(each) for each in resources.templates]).shares)


def _find_english(corpus: Corpus, rows: np.ndarray, languages: LanguageMixture) -> np.ndarray:
    """Says for each example whether it is English, each by itself, `(examples,)`; others than these rows are not asked.

    Args:
        corpus: the examples.
        rows: those in which it makes a difference: to find out a language is slow.
        languages: of the whole source.
    """
    english = np.zeros(len(corpus), bool)
    asked = find_distinct(rows)
    if len(asked):
        english[asked] = languages.are_english([text_around(Template.of(each)) for each in corpus.take(asked)])
    return english


def _tags(tokenised: Tokenised) -> np.ndarray:
    return tag_by_context(tokenised.tokens, *tokenised.vocabulary)


def _tags_for(tokenised: Tokenised, table: SynonymTable, texts: str, directory: Path) -> np.ndarray:
    """Returns the tags of a corpus: spaCy's of the source; in texts it has not seen, the usual tag of each word."""
    if not texts:
        return _tags(tokenised)
    if texts == _stamp(tokenised):
        return np.load(directory / _TAGS, allow_pickle=False).astype(np.int64)
    usual = table.usual_tags()
    words, word = tokenised.vocabulary
    return np.array([CODES.index(usual.get(each, NONE)) for each in words], np.int64)[word]


def _stamp(tokenised: Tokenised) -> str:
    """Returns what stands for the tokens of a corpus."""
    return fingerprint(tokenised.raw.tobytes(), tokenised.begin.tobytes(), tokenised.end.tobytes())


def _articles(tokenised: Tokenised) -> np.ndarray:
    """Says for each token whether "a" (1) or "an" (2) stands before it, `(tokens,)`."""
    words, word = tokenised.vocabulary
    of_word = np.array([_ARTICLES.get(each.lower(), 0) for each in words], np.int64)
    before = np.zeros(len(word), np.int64)
    before[1:] = np.where(tokenised.row[1:] == tokenised.row[:-1], of_word[word[:-1]], 0)
    return before


def _agreeing(synonyms: Sequence[str], article: int) -> list[str]:
    """Returns the synonyms that go with an article."""
    return [each for each in synonyms if not article or takes_an(each) == (article == 2)]
