"""Sentence codec: sentences with their mentions as symbols of a pretrained model, and a few symbols of our own.

The model's own tokenizer cuts the text. After its symbols come ours: one that begins a sentence, one that closes a
mention, and two a label, which open a mention or stand for it as its slot; the second of them if a space stands
before. They are numbers that no text can contain, so that a text cannot forge them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from textsynth.corpus.classes import describe_classes
from textsynth.extract import Gazetteer
from textsynth.pretrained.causal.options import Mode
from textsynth.wording.filling import EMPTY, UNENDED, Sentence
from textsynth.wording.rejection import Rejection
from textsynth.wording.vocabulary import Part, without_spaces

_OURS = 2
"""Symbols beside those of labels: one that begins a sentence, one that closes a mention."""
_COMMON = 20
"""Mentions of a label, the commonest, whose mean its symbols begin as."""
_UNMATCHED = "marks do not match"


@dataclass(frozen=True)
class SentenceCodec:
    """Between sentences in parts and symbols.

    Args:
        tokenizer: the model's own.
        first: the first symbol of ours: how many the model has.
        labels: of mentions, sorted.
        mode: whether mentions are slots, or text between marks.
    """

    tokenizer: Any
    first: int
    labels: tuple[str, ...]
    mode: Mode

    @property
    def begin(self) -> int:
        """Stands between a prefix and its sentence."""
        return self.first

    @property
    def close(self) -> int:
        """Closes a mention."""
        return self.first + 1

    @property
    def end(self) -> int:
        """Ends a sentence: the model's own."""
        return int(self.tokenizer.eos_token_id)

    @property
    def size(self) -> int:
        """How many symbols are ours."""
        return _OURS + 2 * len(self.labels)

    def opening(self, label: str, spaced: bool) -> int:
        """Returns what opens a mention, or is its slot."""
        return self.first + _OURS + 2 * self.labels.index(label) + spaced

    def label_of(self, symbol: int) -> str | None:
        """Returns the label whose mention a symbol opens, None for others."""
        number = symbol - self.first - _OURS
        return self.labels[number // 2] if 0 <= number < 2 * len(self.labels) else None

    def find_meanings(self, gazetteer: Gazetteer) -> list[list[int]]:
        """Returns for each symbol of ours some of the model's that mean about the same; it is first their mean.

        The symbols of a label mean its commonest mentions, and not its name: that may stand in a sentence as well.
        """
        found = [self.encode_text("sentence:"), self.encode_text(")")]
        for label in self.labels:
            mentions = [*gazetteer.mentions.get(label, {label: 1})][:_COMMON]
            found += [[symbol for each in mentions for symbol in self.encode_text(space + each)] for space in ("", " ")]
        return found

    def encode_text(self, text: str) -> list[int]:
        """Returns the symbols of a text, in which nothing is special."""
        found: list[int] = self.tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
        return found

    def encode_prompt(self, name: str | None, mentions: Iterable[Part]) -> list[int]:
        """Returns what a sentence is asked for with: its class, and its slots or mentions.

        Args:
            name: the class, None for none; several as `join_classes` joins them.
            mentions: in any order; their text counts if mentions are seeds, and none counts if sentences are
                linearised.
        """
        symbols = self.encode_text(f"{describe_classes(name)}:") if name is not None else []
        if self.mode != "linearised":
            for part in mentions:
                symbols += self.encode_mention(part, spaced=False) if part.label is not None else []
        return [*symbols, self.begin]

    def encode_mention(self, part: Part, *, spaced: bool) -> list[int]:
        """Returns the symbols of a mention, marks and all."""
        mark = self.opening(part.label or "", spaced)
        if self.mode == "delexicalised":
            return [mark]
        return [mark, *self.encode_text(" " * spaced + part.text), self.close]

    def encode(self, parts: Sequence[Part]) -> list[int]:
        """Returns the symbols of a sentence, with its end."""
        symbols: list[int] = []
        for text, label, spaced in without_spaces(parts):
            symbols += (
                self.encode_text(text) if label is None else self.encode_mention(Part(text, label), spaced=spaced)
            )
        return [*symbols, self.end]

    def decode(self, symbols: Sequence[int]) -> Sentence:
        """Returns the sentence that symbols stand for, or why there is none."""
        if not symbols or symbols[-1] != self.end:
            return UNENDED
        parts: list[Part] = []
        label, text = None, list[int]()
        for symbol in symbols[:-1]:
            if symbol < self.first:
                text.append(symbol)
                continue
            # A symbol of ours: the text before it is whole, and is that of a mention if one was open.
            fault = self._take(parts, text, label)
            opened = self.label_of(symbol)
            if fault or symbol == self.begin or (symbol == self.close) != (label is not None):
                return Rejection(fault or _UNMATCHED)
            label = self._open(parts, opened, spaced=bool((symbol - self.first) % 2)) if opened is not None else None
        fault = _UNMATCHED if label is not None else self._take(parts, text, None)
        return Rejection(fault) if fault else _trim(parts)

    def _open(self, parts: list[Part], label: str, *, spaced: bool) -> str | None:
        """Opens a mention and returns its label, or puts its slot there and returns None."""
        if spaced:
            parts.append(Part(" "))
        if self.mode != "delexicalised":
            return label
        parts.append(Part("", label))
        return None

    def _take(self, parts: list[Part], text: list[int], label: str | None) -> str | None:
        """Takes the text that has come as a part; returns what is wrong with it."""
        decoded = self._decode(text)
        text.clear()
        if "\ufffd" in decoded:
            return "broken character"
        if label is not None:
            decoded = decoded.strip()
            if not decoded:
                return "empty mention"
        if decoded:
            parts.append(Part(decoded, label))
        return None

    def _decode(self, symbols: list[int]) -> str:
        """Returns a text; an anchor before it keeps the space that some tokenizers drop at a beginning."""
        anchor = self.encode_text("a")
        together = self.tokenizer.decode([*anchor, *symbols], clean_up_tokenization_spaces=False)
        return str(together)[len(self.tokenizer.decode(anchor, clean_up_tokenization_spaces=False)) :]


def _trim(parts: list[Part]) -> Sentence:
    """Returns parts without white space at the edges, their texts joined; a rejection if nothing is left."""
    joined: list[Part] = []
    for part in parts:
        if joined and part.label is None and joined[-1].label is None:
            joined[-1] = Part(joined[-1].text + part.text)
        else:
            joined.append(part)
    if joined and joined[0].label is None:
        joined[0] = Part(joined[0].text.lstrip())
    if joined and joined[-1].label is None:
        joined[-1] = Part(joined[-1].text.rstrip())
    joined = [part for part in joined if part.text or part.label is not None]
    return joined or EMPTY
