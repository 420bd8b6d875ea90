"""Where mentions stand that a file names by their text alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from textsynth.foundation.plural import tell_count
from textsynth.reading.records import Fault, Spans

Named = tuple[str, str]
"""A mention and its label."""


def list_places(text: str, mention: str) -> list[tuple[int, int]]:
    """Returns where a mention stands as whole words; in other case only if it stands nowhere as it is written.

    >>> list_places("Rome, Romer, rome", "Rome"), list_places("I saw rome", "Rome")
    ([(0, 4)], [(6, 10)])
    """
    return _find(text, mention) or _find(text, mention, re.IGNORECASE)


def list_all_places(text: str, mention: str) -> list[tuple[int, int]]:
    """Returns where a mention stands as whole words in any case.

    >>> list_all_places("Rome, Romer, rome", "Rome")
    [(0, 4), (13, 17)]
    """
    return _find(text, mention, re.IGNORECASE)


def place_mentions(text: str, named: Sequence[Named], *, everywhere: bool) -> Spans | Fault:
    """Finds mentions in their text, longer ones first, and shorter ones beside them if they can be.

    Args:
        text: the text.
        named: its mentions, each as often as it is named.
        everywhere: whether a mention that stands in more places than it is named stands in all of them; if not, it is
            a fault.

    >>> place_mentions("Rome, Bank of Rome", [("Rome", "LOC"), ("Bank of Rome", "ORG")], everywhere=False)
    [(0, 4, 'LOC'), (6, 18, 'ORG')]
    """
    spans: Spans = []
    for mention in sorted(dict.fromkeys(mention for mention, _ in named), key=len, reverse=True):
        labels = [label for each, label in named if each == mention]
        all_places = list_places(text, mention)
        places = [place for place in all_places if not _is_taken(place, spans)] or all_places
        fault = _find_fault(mention, labels, len(places), everywhere)
        if fault is not None:
            return fault
        spans += [(*place, label) for label in dict.fromkeys(labels) for place in places]
    return sorted(spans)


def _find_fault(mention: str, labels: Sequence[str], places: int, everywhere: bool) -> Fault | None:
    """Says why it is unclear where a mention stands, None if it is not."""
    if not places:
        return Fault(f"the mention {mention!r} must be in the text as whole words, is not")
    if len(set(labels)) > 1:
        return Fault(
            f"the mention {mention!r} has the labels {', '.join(dict.fromkeys(labels))}, and no offsets say where"
        )
    if not everywhere and places != len(labels):
        return Fault(
            f"the mention {mention!r} stands in {tell_count(places, 'place')} and is named "
            f"{tell_count(len(labels), 'time')}; "
            'say that all of them are mentions with repeated = "all"'
        )
    return None


def _find(text: str, mention: str, flags: int = 0) -> list[tuple[int, int]]:
    before = r"(?<!\w)" if re.match(r"\w", mention) else ""
    after = r"(?!\w)" if re.search(r"\w\Z", mention) else ""
    return [match.span() for match in re.finditer(before + re.escape(mention) + after, text, flags)] if mention else []


def _is_taken(place: tuple[int, int], spans: Iterable[tuple[int, int, str]]) -> bool:
    return any(start < place[1] and place[0] < end for start, end, _ in spans)
