"""The rules that every edit keeps, checked beside a plain reading of what it draws."""

from __future__ import annotations

import functools
import unicodedata
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from edited import corpus_of, drawn, edited, long_corpus, mentions, pairs

from textsynth import formats
from textsynth.corpus import Corpus
from textsynth.edits.edit import Edit
from textsynth.edits.edit_table import Material
from textsynth.edits.tokenised import Tokenised
from textsynth.foundation.seeding import child_rng

PLAIN = "the of and", "!!!", ""


class Change(NamedTuple):
    """One edit: in `text`, the characters `start:end` that read `old` became `new`."""

    text: str
    start: int
    end: int
    old: str
    new: str


def changes(operation: Edit, source: Corpus, *, whole_words: bool = False, copies: int = 2) -> list[Change]:
    """Returns the edits of copies, once it is certain that they are all that differs, and that all rules are kept."""
    editor, chosen, edits = drawn(operation, source, copies)
    made = edited(operation, source, copies)
    assert Corpus(made.table) == made
    rows, points = editor.tokenised.points.rows, text_of(editor.material)
    columns = (edits.copy, edits.start, edits.end, edits.first, edits.stop)
    of_copy: dict[int, list[tuple[int, int, str]]] = {}
    for copy, start, end, first, stop in zip(*(column.tolist() for column in columns), strict=True):
        base = int(rows[chosen[copy]])
        of_copy.setdefault(copy, []).append((start - base, end - base, points[first:stop]))
    found = []
    for copy, after in enumerate(made):
        before = source[int(chosen[copy])]
        some = [
            Change(before.text, *place, before.text[place[0] : place[1]], new) for *place, new in of_copy.get(copy, [])
        ]
        assert rewritten(before.text, some) == after.text
        assert mentions(before) == mentions(after) or operation.policy or hasattr(operation, "labels")
        assert bool(some) == bool(editor.by_example.lengths[chosen[copy]])
        found += some
    for change in found:
        assert change.old != change.new
        assert whole_words or not cuts_a_letter(change)
    return found


def text_of(material: Material) -> str:
    """Returns all characters an edit may put in, the corpus' own first."""
    return bytes(material.raw).decode()


def rewritten(text: str, some: list[Change]) -> str:
    """Carries out edits one by one, which must be in order."""
    done, end = "", 0
    for change in some:
        assert end <= change.start <= change.end
        done += text[end : change.start] + change.new
        end = change.end
    return done + text[end:]


def cuts_a_letter(change: Change) -> bool:
    """Says whether an edit parts a letter from its marks, or an emoji from what it is joined with."""
    places = [place for place in (change.start, change.end) if 0 < place < len(change.text)]
    marks = any(unicodedata.category(change.text[place])[0] == "M" for place in places)
    return marks or any("\u200d" in change.text[place - 1 : place + 1] for place in places)


def check_plain_texts(operation: Edit) -> None:
    """Lets texts with nothing to change be, and an empty corpus."""
    for before, after in pairs(operation, corpus_of(*PLAIN, "[Ada](DATE)")):
        if before.text not in ("the of and", "Ada"):
            assert after == before
    assert len(edited_nothing(operation)) == 0


def edited_nothing(operation: Edit) -> Corpus:
    """Returns no copies of no examples, as a step of a chain may get them."""
    maker = operation.maker(Tokenised.of(Corpus.empty()), Path("nowhere"))
    return maker(np.zeros(0, np.int64), child_rng(1))


def check_placeholders(operation: Edit, text: str) -> None:
    """Lets placeholders, protected words, mentions and non-breaking spaces be."""
    held = ("[id]", "{name}", "<b>", "%s", "two Oaks", "\u00a0")
    source = corpus_of(f"[id] {text} {{name}} two Oaks a\u00a0b [Zoë is 12](PERSON) <b> {text} %s {text}")
    strict = type(operation)(**{**vars(operation), "rate": 1.0, "protect": ("two oaks",)})
    for before, after in pairs(strict, source, copies=30):
        assert after.text != before.text
        assert all(after.text.count(each) >= before.text.count(each) > 0 for each in held)
        assert mentions(before) == mentions(after)


def check_rate(operation: type[Edit], source: Corpus | None = None, **options: object) -> None:
    """Finds the rate met on average, and at least one edit a text."""
    source = long_corpus() if source is None else source
    for rate in (0.03, 0.1, 0.5):
        editor, _, edits = drawn(operation(rate=rate, **options), source, copies=20)  # type: ignore[arg-type]
        token = np.searchsorted(editor.tokenised.begin, edits.start, "right")
        touched = len(np.unique(edits.copy * 1_000_000 + token))
        assert touched == pytest.approx(rate * 20 * len(editor.places), rel=0.1)
    single = drawn(operation(rate=1e-9, **options), source)[2]  # type: ignore[arg-type]
    assert len(np.unique(single.copy)) == len(source)


WNUT_TEXTS, WNUT_MENTIONS = 5690, 3890
TWIN_TEXTS, TWIN_MENTIONS = 121, 147


@functools.cache
def wnut(folder: Path) -> Corpus:
    """Reads all of WNUT-17, or of its twin."""
    corpus = Corpus.concat(formats.read(folder / "wnut17" / f"{part}.conll") for part in ("train", "dev", "test"))
    size = len(corpus), len(corpus.spans.starts)
    assert size == ((TWIN_TEXTS, TWIN_MENTIONS) if folder.name == "twins" else (WNUT_TEXTS, WNUT_MENTIONS))
    return corpus


def check_wnut(operation: Edit, folder: Path, at_least: int) -> None:
    """Finds all mentions of a real corpus whole, and many texts changed.

    Args:
        operation: the edit.
        folder: that of the public corpora, or of their twins.
        at_least: how many of the texts of WNUT-17 are changed; of the twin's the same share.
    """
    source = wnut(folder)
    made = edited(operation, source)
    assert made.spans.labels == source.spans.labels
    assert mention_texts(made) == mention_texts(source)
    changed = [before.text != after.text for before, after in zip(source, made, strict=True)]
    assert sum(changed) >= max(1, at_least * len(source) // WNUT_TEXTS)


def mention_texts(corpus: Corpus) -> list[list[tuple[str, str]]]:
    """Returns the mentions of each example."""
    return [mentions(example) for example in corpus]
