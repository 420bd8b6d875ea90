"""How tags say spans: the schemes, the ways to write a tag, and which of them a whole file explains.

A tag is `O` or a prefix and a label, such as `B-PER`. Files differ in the prefixes (the scheme), in the mark between
the two, and in their order; a file in the scheme `io` has labels without any prefix. One tag alone does not say which:
`E-MAIL` may be the end of a MAIL or an e-mail. So the notation is chosen by all tags of a file, and by which follow
which.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from textsynth.errors import FormatError, OptionError

Scheme = Literal["iob1", "iob2", "bilou", "bioes", "bmes", "io"]
SCHEMES: tuple[Scheme, ...] = ("iob1", "iob2", "bilou", "bioes", "bmes", "io")

Step = tuple[str, str]
"""Two tags that follow each other in a sentence; `EDGE` stands before the first and after the last."""

EDGE = "\0"
"""Stands for the edge of a sentence in steps; no tag is a null character."""

_PREFIXES: dict[Scheme, tuple[str, str, str, str]] = {
    "iob1": ("B", "I", "I", "B"),
    "iob2": ("B", "I", "I", "B"),
    "bilou": ("B", "I", "L", "U"),
    "bioes": ("B", "I", "E", "S"),
    "bmes": ("B", "M", "E", "S"),
    "io": ("", "", "", ""),
}
_KINDS = {"B": "B", "I": "I", "M": "I", "E": "E", "L": "E", "S": "S", "U": "S"}
"""What a prefix says: that a span begins, goes on, ends, or is this one token."""
_ANY = "BIELUSM"
_OUTSIDE = ("O", "")


@dataclass(frozen=True, slots=True)
class TagFault:
    """A tag that is none, or breaks its scheme.

    Args:
        position: the position of the tag in its sentence.
        reason: what must hold and what it was.
    """

    position: int
    reason: str


@dataclass(frozen=True)
class TagNotation:
    """How the tags of a file say spans.

    Args:
        scheme: the scheme, which is held to strictly; None takes prefixes of any.
        mark: what stands between prefix and label.
        after: whether the prefix comes after the label, as in `PER-B`.
        lower: whether prefixes are lower-case letters.

    >>> TagNotation(mark="_").read(["B_PER", "I_PER", "O"]), TagNotation("io").read(["E-MAIL", "O"])
    ([(0, 2, 'PER')], [(0, 1, 'E-MAIL')])
    """

    scheme: Scheme | None = None
    mark: str = "-"
    after: bool = False
    lower: bool = False

    def split(self, tag: str) -> tuple[str, str] | None:
        """Returns the prefix, as a capital, and the label of a tag; `("O", "")` outside, None for what is no tag."""
        if tag in ("O", EDGE):
            return _OUTSIDE
        if self.scheme == "io":
            return ("I", tag) if tag else None
        prefix, mark, label = (tag[-1:], tag[-2:-1], tag[:-2]) if self.after else (tag[:1], tag[1:2], tag[2:])
        capital = prefix.upper()
        known = capital in self.prefixes and prefix == (prefix.lower() if self.lower else capital)
        return (capital, label) if prefix and known and mark == self.mark and label else None

    @property
    def prefixes(self) -> str:
        """All prefixes that it knows."""
        return _ANY if self.scheme is None else "".join(dict.fromkeys(_PREFIXES[self.scheme]))

    def read(self, tags: Sequence[str]) -> list[tuple[int, int, str]]:
        """Reads the spans of tags without a fault, as `read_tags` does."""
        if tags.count("O") == len(tags):
            return []
        meanings = self._meanings
        spans: list[tuple[int, int, str]] = []
        begin, open_label = 0, ""
        for position, tag in enumerate([*tags, "O"]):
            kind, label = meanings[tag]
            if not (open_label and label == open_label and kind in "IE"):
                if open_label:
                    spans.append((begin, position, open_label))
                begin, open_label = position, label
            if kind in "ES":
                spans.append((begin, position + 1, open_label))
                open_label = ""
        return spans

    def find_fault(self, tags: Sequence[str]) -> TagFault | None:
        """Finds the first tag that is none or breaks the scheme, as `find_tag_fault` does."""
        if self.scheme is None and self._meanings.keys() >= set(tags):
            return None
        for position, step in enumerate(list_steps(tags)):
            reason = _explain_step_fault(self, *step)
            if reason:
                return TagFault(min(position, len(tags) - 1), reason)
        return None

    def find_meaning(self, tag: str) -> tuple[str, str] | None:
        """Returns what a tag says: B, I, E, S or O, and its label; None for what is no tag."""
        split = self.split(tag)
        return None if split is None else (_KINDS.get(split[0], "O"), split[1])

    def allows(self, steps: Iterable[Step]) -> bool:
        """Says whether no step has a fault that `find_fault` finds."""
        return not any(_explain_step_fault(self, *step) for step in steps)

    def holds(self, steps: Iterable[Step]) -> bool:
        """Says whether all steps keep the scheme; in IOB1 a `B` stands between two spans of one label alone."""
        return not any(_explain_step_fault(self, *step) or self._is_idle_begin(*step) for step in steps)

    @functools.cached_property
    def _meanings(self) -> _Meanings:
        return _Meanings(self)

    def _is_idle_begin(self, before: str, tag: str) -> bool:
        if self.scheme != "iob1":
            return False
        split, previous = self.split(tag), self.split(before)
        return split is not None and previous is not None and split[0] == "B" and split[1] != previous[1]


class _Meanings(dict[str, tuple[str, str]]):
    """What each tag means, as its kind and its label, found out when it is met first."""

    def __init__(self, notation: TagNotation) -> None:
        super().__init__(O=_OUTSIDE)
        self._notation = notation

    def __missing__(self, tag: str) -> tuple[str, str]:
        meaning = self._notation.find_meaning(tag)
        if meaning is None:
            raise KeyError(tag)
        self[tag] = meaning
        return meaning


_FORMS = (
    *(TagNotation(mark=mark, after=after) for after in (False, True) for mark in "-_"),
    *(TagNotation(mark=mark) for mark in ":/"),
    *(TagNotation(mark=mark, lower=True) for mark in "-_"),
)
"""The ways to write a tag, the commonest first."""


def choose_notation(steps: Collection[Step], scheme: Scheme | None, where: str) -> TagNotation:
    """Chooses the notation that explains all tags of a file.

    Prefixes are believed if they keep one of the schemes, or if a label comes with several of them. If not, the tags
    are labels without prefix.

    Args:
        steps: the distinct steps of all sentences.
        scheme: the scheme if it is named; then only the way to write tags is found out.
        where: whose tags they are, to begin the message of an error with.

    Raises:
        FormatError: if prefixes may be prefixes or the beginnings of labels.

    >>> choose_notation(list_steps(["E-MAIL", "O", "I-94"]), None, "x").scheme
    'io'
    >>> choose_notation(list_steps(["B_PER", "I_PER"]), None, "x").mark
    '_'
    """
    tags = {tag for step in steps for tag in step} - {"O", EDGE}
    if scheme == "io" or not tags:
        return TagNotation(scheme)
    fitting = [form for form in _FORMS if all(form.split(tag) for tag in tags)]
    if scheme is not None:
        return replace(fitting[0] if fitting else TagNotation(), scheme=scheme)
    doubts = []
    for form in fitting:
        doubt = _find_doubt(form, tags, steps)
        if doubt is None:
            return form
        doubts.append(doubt)
    mostly = next((form for form in _FORMS if not fitting and _is_mostly(form, tags)), None)
    if mostly is not None:
        return mostly
    # Two columns of anything are not taken for labels: if all tokens were in spans, no tag would be O.
    outside = any("O" in step for step in steps)
    if any(doubts) or (fitting and not outside):
        raise FormatError(_explain_doubt(where, fitting[0], sorted(tags)))
    return TagNotation("io") if outside else TagNotation()


def list_steps(tags: Sequence[str]) -> list[Step]:
    """Returns the steps of one sentence."""
    return list(zip([EDGE, *tags], [*tags, EDGE], strict=True))


def list_prefixes(scheme: Scheme) -> tuple[str, str, str, str]:
    """Returns the prefixes of the first, an inner, the last and an only token."""
    return _PREFIXES[scheme]


def read_tags(tags: Sequence[str], scheme: Scheme | None = None) -> list[tuple[int, int, str]]:
    """Reads the spans, in tokens, out of the tags of one sentence.

    One reading serves all schemes with prefixes: a span goes on with an I, M, E or L of its own label, ends after an E
    or L, and anything else begins anew. That is how conlleval reads, which forgives an `I-` that opens a span.

    Args:
        tags: one a token.
        scheme: None takes any with prefixes; with a name, a span must open and end as that scheme has it.

    Returns:
        `(first token, the token after the last, label)` for each span.

    Raises:
        OptionError: for what is no tag, or breaks the scheme that was asked for.

    >>> read_tags(["B-PER", "I-PER", "O", "I-ORG", "B-ORG", "U-PER"])
    [(0, 2, 'PER'), (3, 4, 'ORG'), (4, 5, 'ORG'), (5, 6, 'PER')]
    """
    fault = find_tag_fault(tags, scheme)
    if fault:
        raise OptionError(fault.reason)
    return TagNotation(scheme).read(tags)


def find_tag_fault(tags: Sequence[str], scheme: Scheme | None = None) -> TagFault | None:
    """Finds the first tag that is none or breaks its scheme; `read_tags` says what it takes.

    >>> find_tag_fault(["B-PER", "O", "I-PER"])
    >>> find_tag_fault(["B-PER", "O", "I-PER"], "iob2")
    TagFault(position=2, reason="a span must begin with B- in iob2, was: 'I-PER' after 'O'")
    """
    return TagNotation(scheme).find_fault(tags)


def is_tag(tag: str) -> bool:
    """Says whether a string is a tag of one of the schemes with prefixes, in the commonest way to write it.

    >>> is_tag("B-creative-work"), is_tag("O"), is_tag("weeks")
    (True, True, False)
    """
    return _FORMS[0].split(tag) is not None


def is_any_tag(tag: str) -> bool:
    """Says whether a string is a tag in any way to write one.

    >>> is_any_tag("B_PER"), is_any_tag("PER-B"), is_any_tag("PER")
    (True, True, False)
    """
    return any(form.split(tag) is not None for form in _FORMS)


@functools.lru_cache(maxsize=1 << 14)
def _explain_step_fault(notation: TagNotation, before: str, tag: str) -> str | None:
    """Says what is wrong with a tag that comes after another one, or None."""
    split, previous = notation.split(tag), notation.split(before)
    if split is None:
        known = " ".join(notation.prefixes)
        return f"a tag must be O or a prefix of {known} and a label, was: {tag!r}"
    scheme = notation.scheme
    if scheme in (None, "io", "iob1") or previous is None:
        return None
    kind, opened = _KINDS.get(split[0], "O"), _KINDS.get(previous[0], "O") in "BI"
    goes_on = opened and kind in "IE" and split[1] == previous[1]
    if kind in "IE" and not goes_on:
        return f"a span must begin with B- in {scheme}, was: {tag!r} after {_name_edge(before, 'the start')}"
    if scheme != "iob2" and opened and not goes_on:
        must = f"a span must end with {_PREFIXES[scheme][2]}- in {scheme}"
        return f"{must}, was: {before!r} before {_name_edge(tag, 'the end')}"
    return None


def _find_doubt(form: TagNotation, tags: Collection[str], steps: Collection[Step]) -> bool | None:
    """Says whether the tags in a way to write them may just as well be labels: None if not, False if they must be."""
    splits = [split for tag in tags if (split := form.split(tag))]
    if _has_pairs(splits):
        return None
    used = {prefix for prefix, _ in splits}
    kept = any(replace(form, scheme=scheme).holds(steps) for scheme in SCHEMES if scheme != "io")
    if not kept or form.lower:
        # Whoever forgets a B writes I; an E or S that nothing begins is none that was forgotten.
        return used <= {"B", "I"} and not form.lower
    lone = not any(char.isalpha() for _, label in splits for char in label)
    # Several labels with the same prefix share it by rule, and B-LOC is read as everybody reads it; one label alone
    # that is a word with a capital before it, such as B-cell, may be called so.
    single = used == {"B"} and len(tags) == 1 and not splits[0][1].isupper()
    side_by_side = single and any(before == tag in tags for before, tag in steps)
    return True if lone or side_by_side else None


def _has_pairs(splits: Iterable[tuple[str, str]]) -> bool:
    """Says whether a label comes with the prefix that begins a span and with another one."""
    prefixes: dict[str, set[str]] = {}
    for prefix, label in splits:
        prefixes.setdefault(label, set()).add(prefix)
    return any("B" in each and len(each) > 1 for each in prefixes.values())


def _is_mostly(form: TagNotation, tags: Collection[str]) -> bool:
    """Says whether at least half of the tags are written so, and some label shows that they are."""
    splits = [split for tag in tags if (split := form.split(tag))]
    return 2 * len(splits) >= len(tags) and _has_pairs(splits)


def _explain_doubt(where: str, form: TagNotation, tags: Sequence[str]) -> str:
    shown = ", ".join(map(repr, tags[:4]))
    labels = ", ".join(repr(split[1]) for tag in tags[:4] if (split := form.split(tag)))
    return (
        f"{where}: the tags {shown} may have a prefix (labels {labels}) or be labels as they are; "
        "settle it with the option scheme, 'io' for labels, 'iob2' or another for prefixes"
    )


def _name_edge(tag: str, edge: str) -> str:
    return edge if tag == EDGE else repr(tag)
