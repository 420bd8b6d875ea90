"""Contracts English words that go together, and writes contractions out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow.compute as pc

from textsynth.edits.edit import Edit
from textsynth.edits.stretch import FoundStretch, StretchEditor, texts_with
from textsynth.edits.tokenised import Tokenised

_WRITTEN_OUT = {
    "m": ("am", "i"),
    "re": ("are", "you we they who what there"),
    "ve": ("have", "i you we they who could should would might must"),
    "ll": ("will", "i you he she it we they that there who what"),
    "s": ("is", "he she it that there here who what where how let"),
    "d": ("would", "i you he she it we they"),
}
"""For the end of a contraction, what it stands for mostly, and the words that have it."""

_CONTRACTED = {
    "am": ("m", "i"),
    "are": ("re", "you we they"),
    "is": ("s", "he she it that there here who what where how"),
    "has": ("s", "he she it"),
    "have": ("ve", "i you we they"),
    "will": ("ll", "i you he she it we they"),
    "would": ("d", "i you he she we they"),
    "had": ("d", "i you he she we they"),
}
"""For a verb, the end that it contracts to, and the subjects that have it."""

_HOSTS, _SUBJECTS = (
    list(dict.fromkeys(" ".join(whos for _, whos in table.values()).split())) for table in (_WRITTEN_OUT, _CONTRACTED)
)
"""All words before the end of a contraction, and all subjects that are contracted with a verb."""

_BE = ("am", "are", "is")
_NEGATED = "is are was were have has had do does did could should would might must need can will shall".split()
"""Verbs that are contracted with "not"."""

_IRREGULAR = {"ca": "can", "wo": "will", "sha": "shall"}
_STEMS = {"can": "a", "will": "o", "shall": "ha"}
"""What stands before "n't" and is no verb, with the verb; and the rest of it, behind the first letter, by verb."""

_ASKS = ("what", "how", "where", "who", "why", "whatever", "than", "as")
"""Words after which a form of "be" ends a clause, as in "what it is", and is not contracted."""

# What tells how a contraction is to be read: the word behind it.
_PRONOUN = re.compile(r"(?:I|you|he|she|it|we|they|this|that|there|these|those)\b", re.IGNORECASE)
_PERFECT = re.compile(r"(?:been|got|gotten|had)\b", re.IGNORECASE)
_ADVERB = re.compile(r"(?:never|already|ever|recently|since|always)\b", re.IGNORECASE)
_PARTICIPLE = re.compile(
    r"(?:[^\W\d_]{2,}ed|been|got|gotten|had|done|gone|made|taken|seen|given|known|come|become|found|heard|lost|left|won"
    r"|told|said|thought|felt|kept|written|spoken|broken|chosen|forgotten|grown|shown|eaten|begun|met|paid|sent|built"
    r"|bought|brought|caught|taught|held|led|spent|stood|understood|worn|torn|thrown|flown|driven|fallen|risen|stolen)\b",
    re.IGNORECASE,
)
_WISH = re.compile(r"(?:like|love|be|rather|prefer|have|hate|want|say)\b", re.IGNORECASE)
_HAD = re.compile(r"(?:better|been)\b", re.IGNORECASE)
_WORD_BEHIND = re.compile(r"\s+(\w+(?:['’]\w+)?)")
_WORD_BEFORE = re.compile(r"(\w+)\s+$")

_LEFT, _RIGHT = r"(?<![\w'’@#/&-])", r"(?![\w'’@/-])"
_SHORT = re.compile(
    rf"{_LEFT}(?ai:(?P<verb>{'|'.join([*_NEGATED[:-3], *_IRREGULAR])})(?P<gap>[ \u00a0]?)n['’](?P<t>t)"
    rf"|(?P<who>{'|'.join(_HOSTS)})"
    rf"(?P<space>[ \u00a0]?)['’](?P<end>{'|'.join(_WRITTEN_OUT)})){_RIGHT}"
)
_LONG = re.compile(
    rf"{_LEFT}(?ai:(?:(?P<who>{'|'.join(_SUBJECTS)}) )?"
    rf"(?P<verb>am|{'|'.join(_NEGATED)})(?:(?: |(?<=can))(?P<not>not))?){_RIGHT}"
)
_HINT = rf"(?i)['’]|not|\b(?:{'|'.join(_SUBJECTS)}) (?:{'|'.join(_CONTRACTED)})\b"
_SPLIT_FORM, _JOINED_FORM = (rf"\w{gap}(?:n['’]t|['’](?:m|re|ve|ll|d))(?:\s|$)" for gap in (" ", ""))


@dataclass(frozen=True, kw_only=True)
class Contraction(Edit[StretchEditor]):
    """Contracts English words, such as don't for do not and it's for it is, and writes such contractions out.

    What could be read in two ways stays: 's of a noun, 's and 'd before a participle. If text came in tokens, and most
    of its contractions in two, as in "do n't", so are those that are made. The rate is the share of the
    contractions, and of what could be one.

    Args:
        direction: "expand" writes contractions out, "contract" makes them, "both" does both.
    """

    direction: Literal["expand", "contract", "both"] = "both"

    def editor(self, tokenised: Tokenised, directory: Path) -> StretchEditor:
        """Finds what may be rewritten, and leaves out what touches anything that may not be changed."""
        return StretchEditor.of_found(tokenised, self.find_free(tokenised), self._find(tokenised))

    def _find(self, tokenised: Tokenised) -> Iterator[FoundStretch]:
        """Finds contractions, and words that could be one."""
        gap = " " if _is_split(tokenised) else ""
        for row, text in texts_with(tokenised, _HINT):
            mark = "’" if "’" in text and "'" not in text else "'"
            found = []
            if self.direction != "contract" and ("'" in text or mark == "’"):
                found += [(match.span(), expand(match)) for match in _SHORT.finditer(text)]
            if self.direction != "expand":
                found += [(match.span(), contract(match, gap + mark)) for match in _LONG.finditer(text)]
            yield from (FoundStretch(row, *place, tuple(written)) for place, written in sorted(found) if written)


def expand(match: re.Match[str]) -> list[str]:
    """Writes a contraction out, unless that depends on what is meant.

    >>> [expand(_SHORT.search(text)) for text in ("They won't.", "DO N'T!", "it's him", "It's been", "he's bored")]
    [['will not'], ['DO NOT'], ['it is'], ['It has'], []]
    """
    behind = _word_behind(match)
    if match["t"]:
        verb, gap = match["verb"], match["gap"]
        whole = _IRREGULAR.get(verb.lower())
        if whole:
            verb = verb[0] + _like(match["t"], whole[1:])
        gap = "" if whole == "can" and not gap else gap or " "
        return [] if _PRONOUN.match(behind) else [verb + gap + _like(match["t"], "not")]
    who, end = match["who"], match["end"].lower()
    meaning, whos = _WRITTEN_OUT[end]
    if end == "s":
        meaning = _meaning_of_s(who.lower(), behind)
    elif end == "d":
        meaning = "had" if _HAD.match(behind) else meaning if _WISH.match(behind) else ""
    fits = meaning and who.lower() in whos.split()
    return [who + (match["space"] or " ") + _like(match["end"], meaning)] if fits else []


def _meaning_of_s(who: str, behind: str) -> str:
    if who == "let":
        return "us"
    if _PERFECT.match(behind):
        return "has"
    return "" if _PARTICIPLE.match(behind) or _ADVERB.match(behind) else "is"


def contract(match: re.Match[str], mark: str) -> list[str]:
    """Returns the contractions that may stand for a match of two or three words.

    Args:
        match: of `_LONG`.
        mark: the apostrophe, behind a space if contractions are two tokens.

    >>> [contract(_LONG.search(text), "'") for text in ("I am.", "I am here", "It is not", "Cannot", "I have a car")]
    [[], ["I'm"], ["It isn't", "It's not"], ["Can't"], []]
    """
    who, verb, no = match["who"], match["verb"], match["not"]
    behind, key = _word_behind(match), verb.lower()
    written = []
    if no and key in _NEGATED and behind.lower() != "only":
        stem = verb[0] + _like(verb, _STEMS[key]) if key in _STEMS else verb
        written.append((f"{who} " if who else "") + stem + mark[:-1] + _like(no, "n") + mark[-1] + no[-1])
    if who:
        end, whos = _CONTRACTED.get(key, ("", ""))
        if who.lower() in whos.split() and _may_contract(key, match):
            written.append(who + mark + _like(verb, end) + (f" {no}" if no else ""))
    return written


def _may_contract(verb: str, match: re.Match[str]) -> bool:
    """Says whether a verb may be contracted with its subject; not if a clause ends behind it, or a question asks."""
    behind = _word_behind(match)
    if match["not"]:
        return verb in _BE
    if not behind or behind.lower() in ("not", "n't", "n’t"):
        return False
    if verb in ("has", "have"):
        return bool(_PARTICIPLE.match(behind) or _ADVERB.match(behind))
    if verb == "had":
        return bool(_HAD.match(behind))
    before = _WORD_BEFORE.search(match.string, max(0, match.start() - 12), match.start())
    return verb not in _BE or before is None or before[1].lower() not in _ASKS


def _word_behind(match: re.Match[str]) -> str:
    """Returns the word behind a match if only white space stands between, or nothing."""
    word = _WORD_BEHIND.match(match.string, match.end())
    return word[1] if word else ""


def _like(sample: str, text: str) -> str:
    """Writes a text in capitals if a sample is in capitals."""
    return text.upper() if sample.isupper() else text


def _is_split(tokenised: Tokenised) -> bool:
    """Says whether contractions are two tokens in most of a corpus whose tokens came with it."""
    if tokenised.corpus.tokenizer != "whitespace":
        return False
    texts = tokenised.corpus.texts
    split, joined = (pc.sum(pc.count_substring_regex(texts, form)).as_py() or 0 for form in (_SPLIT_FORM, _JOINED_FORM))
    return bool(split > joined)
