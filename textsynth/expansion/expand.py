"""Looks for new mentions of the labels of a source, and new wordings, and tells what each place brought."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from textsynth.corpus import Corpus
from textsynth.errors import MissingDependency, OptionError
from textsynth.expansion.fields import Fields
from textsynth.expansion.gate import Found, MentionSource, Trial, try_source, without_spans
from textsynth.expansion.lists import Lists
from textsynth.expansion.numbers import Numbers
from textsynth.expansion.suggested import Suggest, Suggested
from textsynth.expansion.tagged import CRF, RawReader, Tagged
from textsynth.expansion.taxonomy import Taxonomy
from textsynth.expansion.words import Words
from textsynth.extract import Gazetteer
from textsynth.extract.expansion import Expansion
from textsynth.extract.heldout import without_repeats
from textsynth.foundation.distribution import find_missing, say_how_to_install
from textsynth.language.identification import find_other_language
from textsynth.synonyms.concept import Concepts
from textsynth.synonyms.wordnet import PACKAGES, locate
from textsynth.values.pool import one_line

Place = Literal["wordnet", "fields", "numbers", "words", "chat", "lists", "raw"]
"""Where new mentions are looked for."""

PLACES: tuple[Place, ...] = ("wordnet", "fields", "numbers", "words", "chat", "lists", "raw")
"""All of them; what is looked for in raw text last learns from what the others brought."""

_LEARNT, _RAW = 300, 5000
"""Sentences of the source and of raw text that are looked at, at most: a CRF learns from more of them for minutes."""

_MOST = 5000
"""Mentions of one place and label, at most."""

_NO_CHAT = "chat must have a model to ask, has none; name it under [chat], or as chat = in Python"
_NO_WORDNET = f"wordnet is not installed; {PACKAGES}"


@dataclass(frozen=True)
class Search:
    """How new mentions are looked for.

    Args:
        raw: text of the same kind as the source, of which nothing is known; may be empty.
        places: where to look; everywhere, as far as it is installed, if empty.
        today: the day that invented values count from.
        heldout: what is put aside of the source; raw text and wordings that repeat it are left out.
        reader: finds mentions in raw text.
        suggest: asks a chat model for more of the same; None if there is none.
        note: is told what is skipped and why.
    """

    raw: Corpus
    places: Sequence[Place]
    today: datetime.date
    heldout: Corpus = field(default_factory=Corpus.empty)
    reader: RawReader = CRF
    suggest: Suggest | None = None
    note: Callable[[str], None] = lambda line: None


@dataclass(frozen=True)
class Brought:
    """What one place brought for one label.

    Args:
        label: the label.
        place: where they came from.
        mentions: how many; 0 if held-out mentions do not prove them.
        trial: what came of the place on both halves of the source.
    """

    label: str
    place: str
    mentions: int
    trial: Trial

    def tell(self) -> str:
        """Tells the number, and what the gate says of them."""
        trial = self.trial
        return f"{self.mentions} (recall {trial.recalled}/{trial.unseen}, precision {trial.right}/{trial.places})"


@dataclass(frozen=True)
class Searched:
    """What came of a search.

    Args:
        expansion: the new mentions.
        brought: what each place brought of each label.
        wordings: sentences of raw text that a tagger is sure of, with their mentions, and how sure it is as the field
            `sure`; None if there was no raw text to look at.
    """

    expansion: Expansion
    brought: Sequence[Brought] = ()
    wordings: Corpus | None = None


def search_for_new(source: Corpus, search: Search, rng: np.random.Generator) -> Searched:
    """Looks for new mentions of all labels of a source, and in raw text for wordings too.

    Args:
        source: labelled text.
        search: where to look.
        rng: deals the source out to halves, and draws what is invented.

    Raises:
        MissingDependency: if a place that was named is not installed.
        OptionError: if a place that was named has nothing to look at.
    """
    found: dict[str, dict[str, tuple[str, ...]]] = {label: {} for label in source.labels}
    brought: list[Brought] = []
    wordings = None
    raw = without_repeats(without_spans(search.raw), search.heldout)
    gold, raw = _take_some(source, _LEARNT, rng), _take_some(raw, _RAW, rng)
    own = Gazetteer.of(source).mentions
    for place in _choose(search, gold):
        given = {
            label: list({each: None for some in known.values() for each in some}) for label, known in found.items()
        }
        maker = _make(place, given, gold, search)
        trials = try_source(maker, gold, rng)
        if isinstance(maker, Tagged):
            new, taken = maker.find_with_wordings(gold, raw, rng)
            wordings = without_repeats(without_repeats(taken, source), search.heldout)
        else:
            new = maker.find(gold, raw, rng)
        for label, mentions, trial in _pass_gate(maker, trials, new):
            kept = _keep_new(mentions, own[label], rng)
            brought.append(Brought(label, place, len(kept), trial))
            if kept:
                found[label][place] = tuple(kept)
    return Searched(Expansion({label: known for label, known in found.items() if known}), brought, wordings)


def _pass_gate(
    maker: MentionSource, trials: Mapping[str, Trial], found: Found
) -> Iterator[tuple[str, Sequence[str], Trial]]:
    """Yields for each label what a place brings, nothing if the gate is closed, and what came of the gate."""
    whole = sum(trials.values(), Trial())
    for label, trial in trials.items():
        opens = trial.proves or not (maker.wants_proof(label) or trial.refutes(whole))
        yield label, found.get(label, ()) if opens else (), trial


def _keep_new(mentions: Sequence[str], own: Mapping[str, int], rng: np.random.Generator) -> list[str]:
    """Returns those that the source has not, each once; of too many, some."""
    known = {each.casefold() for each in own}
    lines = dict.fromkeys(map(one_line, mentions))
    new = [each for each in lines if each and each.casefold() not in known]
    return [new[at] for at in np.sort(rng.permutation(len(new))[:_MOST])]


def _take_some(corpus: Corpus, most: int, rng: np.random.Generator) -> Corpus:
    return corpus.take(np.sort(rng.permutation(len(corpus))[:most]))


def _choose(search: Search, gold: Corpus) -> Iterator[Place]:
    """Yields the places that are there, and notes why others are not; those that were named must be there."""
    everywhere = [each for each in PLACES if each != "chat" or search.suggest]
    for place in search.places or everywhere:
        missing = _find_missing(place, search, gold)
        if missing is None:
            yield place
        elif search.places:
            raise missing
        else:
            search.note(f"new mentions: {missing}")


def _find_missing(place: Place, search: Search, gold: Corpus) -> MissingDependency | OptionError | None:
    """Says what a place lacks, if it lacks anything."""
    if place in ("raw", "lists") and not len(search.raw):
        return OptionError(f"{place} must have raw text, has none; name it under [raw], or as raw = in Python")
    if place == "chat" and search.suggest is None:
        return OptionError(_NO_CHAT)
    if place == "wordnet" and _find_language(gold) != "en":
        return OptionError("wordnet is English, which the source is not")
    if place == "wordnet" and locate() is None:
        return MissingDependency(_NO_WORDNET)
    extra = {"raw": "metrics", "fields": "values"}.get(place)
    if extra is not None and find_missing(extra):
        return MissingDependency(
            f"{place}: {', '.join(find_missing(extra))} must be installed; {say_how_to_install(extra)}"
        )
    return None


def _make(place: Place, given: Mapping[str, Sequence[str]], gold: Corpus, search: Search) -> MentionSource:
    makers: Mapping[Place, Callable[[], MentionSource]] = {
        "wordnet": lambda: Taxonomy(_read_concepts()),
        "fields": lambda: Fields(_find_language(gold), search.today),
        "numbers": Numbers,
        "words": Words,
        "chat": lambda: Suggested(_find_suggest(search)),
        "lists": Lists,
        "raw": lambda: Tagged(given, search.reader),
    }
    return makers[place]()


def _find_suggest(search: Search) -> Suggest:
    if search.suggest is None:
        raise OptionError(_NO_CHAT)
    return search.suggest


def _read_concepts() -> Concepts:
    files = locate()
    if files is None:
        raise MissingDependency(_NO_WORDNET)
    return Concepts.of(files)


def _find_language(gold: Corpus) -> str:
    return find_other_language(gold.texts.to_pylist(), "en") or "en"
