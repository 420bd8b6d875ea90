"""New mentions and wordings of a run: what it has for raw text, what is told of what was found."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, fields, replace
from pathlib import Path

from textsynth.chat.mentions import ChatMentions, open_suggesting
from textsynth.components.component import check_extra
from textsynth.conversion.corpora import write
from textsynth.conversion.python_objects import to_batches
from textsynth.corpus import Corpus
from textsynth.expansion.expand import Brought, Place, Search, Searched, search_for_new
from textsynth.expansion.gate import Trial
from textsynth.expansion.suggested import Suggest
from textsynth.expansion.tagged import CRF, RawReader
from textsynth.extract import Resources
from textsynth.extract.escape import escape, unescape
from textsynth.extract.expansion import Expansion
from textsynth.extract.resources import WORDINGS
from textsynth.foundation.disk import write_whole
from textsynth.foundation.progress import Progress
from textsynth.foundation.seeding import child_rng
from textsynth.reading.records import Faults
from textsynth.recipes.recipe import Recipe
from textsynth.recipes.sections import Raw
from textsynth.scores.pooled_tagger import teach_pooled_tagger

BROUGHT = "places.tsv"
"""What each place brought of each label."""

FROM_RAW: tuple[Place, ...] = ("lists", "raw")
"""The places that are in raw text."""

_LONG: tuple[Place, ...] = ("chat", *FROM_RAW)
"""The places that take long, or cost."""

_SURE_BY_BOTH = 0.3
"""How likely the likeliest tag of every token of a sentence must be for it to be taken, if an encoder helps to tell."""

_HEADER = ["label", "from", "mentions", *(each.name for each in fields(Trial))]


@dataclass(frozen=True)
class ExpansionPlan:
    """How a run comes by new mentions.

    Args:
        raw: text to look in; None if there is none.
        chat: the chat model that is asked; None if none is.
        places: where to look; everywhere if empty.
        mentions: a file that has them; None if they are looked for.
        wordings: a file of sentences with their mentions, which stand for those of raw text; None if they are looked
            for.
        seed: of the run.
        answers: where the answers of the chat model are kept; while they are needed alone if None.
    """

    raw: Raw | None
    chat: ChatMentions | None
    places: Sequence[Place]
    mentions: Path | None
    wordings: Path | None
    seed: int
    answers: Path | None = None

    @classmethod
    def of(cls, recipe: Recipe) -> ExpansionPlan | None:
        """Returns that of a recipe; None if no generator takes new mentions."""
        if not recipe.expands():
            return None
        extract = recipe.extract
        return cls(recipe.raw, recipe.chat, extract.places, extract.mentions, extract.wordings, recipe.production.seed)

    def shorten(self) -> ExpansionPlan:
        """Returns the plan without what is looked for in raw text, and without asking a chat model."""
        places = [place for place in self.places if place not in _LONG]
        return replace(self, raw=None, chat=None, places=places or (self.places and ["numbers"]))


def add_expansion(
    plan: ExpansionPlan, resources: Resources, heldout: Corpus, progress: Progress
) -> tuple[Resources, Searched | None]:
    """Returns the resources of a source with new mentions and wordings, and what came of the search for them.

    Args:
        plan: how the run comes by them.
        resources: of what is learnt from.
        heldout: what is held out.
        progress: is told what was found.
    """
    given = _read_wordings(plan.wordings, resources) if plan.wordings else None
    if plan.mentions is not None:
        return replace(resources, expansion=Expansion.read(plan.mentions), wordings=given), None
    raw = read_raw(plan.raw) if plan.raw else Corpus.empty()
    reader = choose_reader(plan.raw.encoder if plan.raw else None)
    with progress.stage("look for new mentions"), choose_suggest(plan.chat, plan.answers) as suggest:
        search = Search(raw, plan.places, resources.today, heldout, reader, suggest, progress.note)
        found, searched = expand(resources, search, plan.seed)
    return (replace(found, wordings=given) if given is not None else found), searched


def expand(resources: Resources, search: Search, seed: int) -> tuple[Resources, Searched]:
    """Returns resources with the new mentions and wordings that a search finds, and what came of it."""
    searched = search_for_new(resources.source, search, child_rng(seed, "expand"))
    for line in describe_searched(searched):
        search.note(line)
    return replace(resources, expansion=searched.expansion, wordings=searched.wordings), searched


def choose_reader(encoder: str | None) -> RawReader:
    """Returns what finds mentions in raw text: a CRF, beside what an encoder knows if there is one.

    Raises:
        MissingDependency: if what loads it is not installed.
        OptionError: if it is none.
        TextsynthError: if it cannot be found.
    """
    if encoder is None:
        return CRF
    check_extra("models", "raw: option 'encoder'")
    from textsynth.pretrained.token_vectors import load_token_encoder

    encode = load_token_encoder(encoder)
    return RawReader(lambda gold, copies: teach_pooled_tagger(gold, copies, encode).examine, _SURE_BY_BOTH)


def choose_suggest(chat: ChatMentions | None, answers: Path | None = None) -> AbstractContextManager[Suggest | None]:
    """Gives what asks a chat model for more mentions, if there is one; see `open_suggesting`."""
    return nullcontext() if chat is None else open_suggesting(chat, answers)


def read_raw(raw: Raw) -> Corpus:
    """Reads raw text; records that are bad stop the run."""
    return Corpus.concat(list(to_batches(raw.path, raw.format, raw.options, Faults(), ())))


def _read_wordings(path: Path, resources: Resources) -> Corpus:
    """Reads sentences with their mentions; how sure the tagger was of them need not be told as unread."""
    batches = to_batches(path, None, {}, Faults(), ("*",))
    return Corpus.concat(list(batches)).with_tokenizer(resources.source.tokenizer)


def describe_searched(searched: Searched) -> list[str]:
    """Tells in a line for each place what it brought, by label; the labels that no place has mentions for; wordings."""
    brought = searched.brought
    places = dict.fromkeys(each.place for each in brought)
    lines = [f"new mentions from {place}: {_join(place, brought) or 'none'}" for place in places]
    without = sorted({each.label for each in brought} - {each.label for each in brought if each.mentions})
    if without:
        lines.append(f"no new mentions: {', '.join(without)}; those of the source are used")
    if searched.wordings is not None:
        lines.append(f"new wordings from raw: {len(searched.wordings) or 'none'}")
    return lines


def _join(place: str, brought: Sequence[Brought]) -> str:
    own = [each for each in brought if each.place == place and each.mentions]
    return ", ".join(f"{each.mentions} {each.label}" for each in own)


def write_searched(searched: Searched, directory: Path) -> None:
    """Writes a table of what each place brought of each label, and what the gate says of it; and one of wordings."""
    rows = ["\t".join(_HEADER)]
    for each in searched.brought:
        rows.append("\t".join(map(str, [escape(each.label), each.place, each.mentions, *vars(each.trial).values()])))
    write_whole(directory / BROUGHT, "\n".join(rows) + "\n")
    if searched.wordings is not None:
        write(searched.wordings, directory / WORDINGS)


def read_brought(path: Path) -> list[Brought]:
    """Reads what `write_searched` wrote of places; nothing if nothing was looked for."""
    if not path.exists():
        return []
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()[1:]]
    return [Brought(unescape(label), place, int(count), Trial(*map(int, rest))) for label, place, count, *rest in rows]
