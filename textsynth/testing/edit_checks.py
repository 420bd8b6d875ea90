"""What every edit must do beside what every generator does: protect mentions, placeholders and all that is named."""

from __future__ import annotations

import dataclasses
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from textsynth.components import registry
from textsynth.components.generator import CopySampler, Draft
from textsynth.corpus import Corpus, find_faults
from textsynth.corpus.example import Example
from textsynth.edits.edit import Edit
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.testing.corpora import example_source, join_hostile_corpora, join_parts
from textsynth.testing.expectation import expect
from textsynth.testing.generator_checks import check_generator

PLACEHOLDERS = ("[id]", "[amount]", "{user}", "<b>", "%s")
"""What the default of the option `protect_patterns` protects."""

_EMPTY = ("!!!", "", " ", "...\n")
"""Texts in which there is no word."""


def check_edit(edit: Edit, source: Corpus | None = None) -> None:
    """Checks all that a generator must do, and what users are promised of edits.

    Args:
        edit: with its default policy.
        source: what it edits, `example_source()` if None; it must find something to change in it.

    Raises:
        AssertionError: says what must hold and what was found.
    """
    check_generator(edit, source)
    source = example_source() if source is None else source
    for check in EDIT_CHECKS:
        check(edit, source)


def copy_examples(edit: Edit, source: Corpus, copies: int) -> tuple[Corpus, Draft]:
    """Returns examples, each some times, and beside them their copies."""
    rows = np.repeat(np.arange(len(source)), copies)
    with tempfile.TemporaryDirectory(prefix="textsynth-check-") as folder:
        edit.fit(Resources.of(source), Path(folder), child_rng(1, "fit"))
        sampler = edit.sampler(Path(folder))
        expect(isinstance(sampler, CopySampler), f"the sampler of {_name(edit)} must have a method `copies`")
        draft = sampler.copies(rows, child_rng(2))
    expect(len(draft.corpus) == len(rows), f"{_name(edit)} must make {len(rows)} copies", len(draft.corpus))
    for row, reason in find_faults(draft.corpus.table).items():
        text = draft.corpus.texts[row].as_py()
        expect(False, f"{_name(edit)} must make exact spans: copy {row}, {text!r}", reason)
    return source.take(rows), draft


def _pairs(edit: Edit, source: Corpus, copies: int = 3) -> Iterator[tuple[Example, Example]]:
    before, draft = copy_examples(edit, source, copies)
    yield from zip(before, draft.corpus, strict=True)


def check_copies(edit: Edit, source: Corpus) -> None:
    """Checks that some copies differ from their example and from each other, and that others have a reason."""
    copies = 4
    before, draft = copy_examples(edit, source, copies)
    reasons = list(draft.reasons) or [None] * len(draft.corpus)
    kept: Counter[tuple[int, str]] = Counter()
    for place, (example, copy, reason) in enumerate(zip(before, draft.corpus, reasons, strict=True)):
        if reason is None:
            kept[place // copies, copy.text] += 1
            expect(copy.text != example.text, f"a copy that {_name(edit)} passes must differ from {example.text!r}")
            expect(copy.label == example.label, f"{_name(edit)} must keep the class {example.label!r}", copy.label)
    twice = [text for (_, text), times in kept.items() if times > 1]
    expect(not twice, f"copies of one example that {_name(edit)} makes must differ", twice)
    expect(kept, f"{_name(edit)} must be able to change something in at least one example of the source", 0)


def check_mentions(edit: Edit, source: Corpus) -> None:
    """Checks that mentions which the policy protects come through whole and in order."""
    for before, after in _pairs(edit, source):
        old, new = (_find_protected(edit, each) for each in (before, after))
        found = f"{new} in {after.text!r}"
        expect(old == new, f"{_name(edit)} must protect the mentions {old} of {before.text!r}", found)


def check_hostile_texts(edit: Edit, source: Corpus) -> None:
    """Checks that mentions come through, and spans are exact, in texts full of what breaks offsets."""
    for corpus in join_hostile_corpora(10):
        # The source is there too, since some edits want its labels.
        check_mentions(edit, Corpus.from_examples([*source, *corpus], tokenizer=corpus.tokenizer))


def _find_protected(edit: Edit, example: Example) -> list[tuple[str, str]]:
    return [
        (span.label, example.text[span.start : span.end])
        for span in example.spans
        if edit.policy_of(span.label) not in ("edit", "replace")
    ]


def _surround(source: Corpus, words: tuple[str, ...]) -> Corpus:
    """Puts words before, between and behind the parts of each example."""
    texts, spans = [], []
    for example in source:
        parts, end = [(f"{' '.join(words)} ", "")], 0
        for span in example.spans:
            parts += [(example.text[end : span.start], ""), (example.text[span.start : span.end], span.label)]
            end = span.end
        text, found = join_parts(*parts, (f"{example.text[end:]} {' and '.join(words)}", ""))
        texts.append(text)
        spans.append(found)
    return Corpus.from_columns(text=texts, spans=spans)


def check_placeholders(edit: Edit, source: Corpus) -> None:
    """Checks that placeholders such as [id] and {user} stay."""
    _check_kept(edit, _surround(source, PLACEHOLDERS), PLACEHOLDERS)


def check_protected_words(edit: Edit, source: Corpus) -> None:
    """Checks that words and phrases which the option `protect` names stay, whatever their case."""
    protecting = dataclasses.replace(edit, protect=("two oaks", "GRÜNWEG"))
    _check_kept(protecting, _surround(source, ("Two Oaks", "Grünweg")), ("Two Oaks", "Grünweg"))


def _check_kept(edit: Edit, source: Corpus, words: tuple[str, ...]) -> None:
    for before, after in _pairs(edit, source):
        for word in words:
            old, new = before.text.count(word), after.text.count(word)
            expect(new >= old, f"{_name(edit)} must leave {word!r} in {before.text!r}, {old} times", after.text)


def check_nothing_to_change(edit: Edit, source: Corpus) -> None:
    """Checks that texts without any word come through as they are, rejected as unchanged."""
    # The source is there too, since some edits cannot learn from texts without words.
    examples = [*source, *map(Example, _EMPTY)]
    before, draft = copy_examples(edit, Corpus.from_examples(examples), 1)
    reasons = list(draft.reasons) or [None] * len(before)
    for example, copy, reason in list(zip(before, draft.corpus, reasons, strict=True))[len(source) :]:
        passed = f"{copy.text!r}, {'passed' if reason is None else 'rejected'}"
        fine = copy.text == example.text and reason is not None
        expect(fine, f"{_name(edit)} must leave {example.text!r}, in which is no word, and reject the copy", passed)


EDIT_CHECKS = (
    check_copies,
    check_mentions,
    check_hostile_texts,
    check_placeholders,
    check_protected_words,
    check_nothing_to_change,
)
"""All checks of an edit beside those of a generator; each takes the edit and a source."""


def _name(edit: Edit) -> str:
    return f"the edit {registry.name_of(edit)!r}"
