"""Vocabulary: between sentences with marked mentions and the rows of numbers that networks read and write.

A sentence is a row of symbols: pieces of text by a byte-level tokenizer that was trained on the corpus, so that no word
is unknown; marks of mentions; and one symbol for its end. In a delexicalised sentence a mention is one symbol, the slot
of its label. In a linearised one (DAGA, Ding et al. 2020) it stands between a mark that opens and one that closes it.
A mark has a twin that has a space before it, so that a space costs no symbol of its own.
"""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from textsynth.corpus.example import Example
from textsynth.errors import MissingDependency
from textsynth.foundation.disk import write_whole
from textsynth.foundation.distribution import say_how_to_install
from textsynth.wording.rejection import Rejection

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Marks = Literal["slots", "linear"]

_FILE = "vocabulary.json"
_UNMATCHED = "marks do not match"


class Part(NamedTuple):
    """A stretch of a sentence: text, or a mention with its label; a slot has a label and no text."""

    text: str
    label: str | None = None


@dataclass(frozen=True)
class Vocabulary:
    """All symbols. Numbers run through pieces of text, the end, marks, and last the classes, which are never written.

    Args:
        tokenizer: cuts text into pieces, and every text can be cut.
        labels: the labels of mentions, sorted.
        classes: the classes, None for sentences that have none.
        marks: whether mentions are slots, or text between marks.
    """

    tokenizer: Tokenizer
    labels: tuple[str, ...]
    classes: tuple[str | None, ...]
    marks: Marks = "slots"

    @classmethod
    def learn(
        cls, sentences: Sequence[Sequence[Part]], classes: Iterable[str | None], size: int, marks: Marks
    ) -> Vocabulary:
        """Trains the tokenizer on the text of sentences, and takes over their labels and classes.

        Args:
            sentences: what will be encoded.
            classes: the class of each.
            size: pieces of text, at most; 256 are single bytes.
            marks: how mentions are marked.
        """
        labels = {part.label for sentence in sentences for part in sentence if part.label is not None}
        texts = [part.text for sentence in sentences for part in without_spaces(sentence) if part.text]
        known = sorted(set(classes), key=lambda name: (name is None, name or ""))
        return cls(_train(texts, size), tuple(sorted(labels)), tuple(known), marks)

    @functools.cached_property
    def pieces(self) -> int:
        """How many pieces of text there are."""
        return int(self.tokenizer.get_vocab_size())

    @property
    def end(self) -> int:
        """The symbol after the last of a sentence."""
        return self.pieces

    @property
    def marks_a_label(self) -> int:
        """Symbols a label has: a slot or an opening mark, its twin after a space, and perhaps a closing mark."""
        return 2 if self.marks == "slots" else 3

    @property
    def outputs(self) -> int:
        """How many symbols a network may write."""
        return self.pieces + 1 + self.marks_a_label * len(self.labels)

    @property
    def inputs(self) -> int:
        """How many symbols a network may read: those it may write, and the classes."""
        return self.outputs + len(self.classes)

    def start(self, classes: np.ndarray) -> np.ndarray:
        """Returns the symbols that sentences of these classes begin with."""
        return self.outputs + classes

    def label_of(self) -> np.ndarray:
        """Returns for each symbol a network may write the label whose mention it begins, or -1, `(outputs,)`."""
        labels = np.full(self.outputs, -1, np.int64)
        marks = np.arange(self.outputs - self.pieces - 1)
        # The third mark of a label closes a mention.
        begins = marks % self.marks_a_label < 2
        labels[self.pieces + 1 :] = np.where(begins, marks // self.marks_a_label, -1)
        return labels

    def encode(self, sentences: Sequence[Sequence[Part]]) -> list[list[int]]:
        """Returns the symbols of each sentence, with the end.

        Raises:
            KeyError: for a label that is none of the vocabulary's.
        """
        spaced = [without_spaces(sentence) for sentence in sentences]
        texts = [part.text for sentence in spaced for part in sentence]
        pieces = iter(self.tokenizer.encode_batch(texts, add_special_tokens=False))
        return [self._symbols(sentence, pieces) for sentence in spaced]

    def decode(self, symbols: Sequence[int]) -> list[Part] | Rejection:
        """Returns the sentence these symbols stand for, or what is wrong with them.

        Args:
            symbols: without the end.
        """
        parts: list[Part] = []
        raw, open_label = bytearray(), None
        for symbol in symbols:
            if symbol < self.pieces:
                raw += self._bytes[symbol]
                continue
            label, kind = divmod(symbol - self.pieces - 1, self.marks_a_label)
            # Kind 0 opens, 1 opens after a space, and 2 closes.
            raw += b" " if kind == 1 else b""
            fault = _flush(raw, parts, open_label if kind == 2 else None)
            if fault or (kind == 2) != (open_label is not None) or (kind == 2 and open_label != self.labels[label]):
                return Rejection(fault or _UNMATCHED)
            if self.marks == "slots":
                parts.append(Part("", self.labels[label]))
            else:
                open_label = None if kind == 2 else self.labels[label]
        fault = _UNMATCHED if open_label else _flush(raw, parts, None)
        return Rejection(fault) if fault else parts

    def write(self, directory: Path) -> None:
        """Writes the vocabulary into a directory."""
        content = {"marks": self.marks, "labels": self.labels, "classes": self.classes}
        tokenizer = json.loads(self.tokenizer.to_str())
        write_whole(directory / _FILE, json.dumps({**content, "tokenizer": tokenizer}, ensure_ascii=False))

    @classmethod
    def read(cls, directory: Path) -> Vocabulary:
        """Reads what `write` wrote."""
        from tokenizers import Tokenizer

        content = json.loads((directory / _FILE).read_text(encoding="utf-8"))
        tokenizer = Tokenizer.from_str(json.dumps(content["tokenizer"]))
        return cls(tokenizer, tuple(content["labels"]), tuple(content["classes"]), content["marks"])

    @functools.cached_property
    def _bytes(self) -> list[bytes]:
        """The bytes that each piece of text stands for."""
        byte_of = {character: byte for byte, character in _byte_characters().items()}
        numbers = self.tokenizer.get_vocab()
        tokens = sorted(numbers, key=numbers.__getitem__)
        return [bytes(byte_of[character] for character in token) for token in tokens]

    @functools.cached_property
    def _number(self) -> dict[str, int]:
        return {label: number for number, label in enumerate(self.labels)}

    def _symbols(self, sentence: Iterable[Spaced], pieces: Iterator[object]) -> list[int]:
        symbols: list[int] = []
        for part in sentence:
            ids: list[int] = next(pieces).ids  # type: ignore[attr-defined]
            if part.label is None:
                symbols += ids
                continue
            mark = self.pieces + 1 + self.marks_a_label * self._number[part.label]
            symbols.append(mark + part.spaced)
            if self.marks == "linear":
                symbols += [*ids, mark + 2]
        return [*symbols, self.end]


class Spaced(NamedTuple):
    """A part, and apart from it whether a space stands before it."""

    text: str
    label: str | None
    spaced: bool


def parts_of(example: Example, marks: Marks) -> list[Part]:
    """Returns an example in parts: the text between mentions, and the mentions, without their text if slots do.

    >>> from textsynth.corpus.example import Span
    >>> parts_of(Example("Hi Ann!", (Span(3, 6, "PERSON"),)), "slots")
    [Part(text='Hi ', label=None), Part(text='', label='PERSON'), Part(text='!', label=None)]
    """
    parts, position = [], 0
    for span in example.spans:
        mention = example.text[span.start : span.end] if marks == "linear" else ""
        parts += [Part(example.text[position : span.start]), Part(mention, span.label)]
        position = span.end
    parts.append(Part(example.text[position:]))
    return [part for part in parts if part.text or part.label is not None]


def without_spaces(sentence: Sequence[Part]) -> list[Spaced]:
    """Takes the last space before each mention from the text there."""
    spaced: list[Spaced] = []
    for part, following in itertools.zip_longest(sentence, sentence[1:]):
        if part.label is not None:
            before = sentence[len(spaced) - 1] if spaced else Part("")
            spaced.append(Spaced(part.text, part.label, before.label is None and before.text.endswith(" ")))
        else:
            cut = following is not None and following.label is not None and part.text.endswith(" ")
            spaced.append(Spaced(part.text[:-1] if cut else part.text, None, False))
    return spaced


def _flush(raw: bytearray, parts: list[Part], label: str | None) -> str | None:
    """Moves what was gathered to the parts, or says what is wrong with it."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return "not UTF-8"
    raw.clear()
    if label is not None and (not text or text != text.strip()):
        return "a mention is empty or begins or ends with a space"
    if text:
        parts.append(Part(text, label))
    return None


def _train(texts: Iterable[str], size: int) -> Tokenizer:
    try:
        from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    except ImportError as error:
        raise MissingDependency(f"networks need torch; {say_how_to_install('torch')}") from error
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=size, min_frequency=2, show_progress=False, initial_alphabet=alphabet)
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def _byte_characters() -> dict[int, str]:
    """Returns the character that byte-level tokenizers write for each byte (Radford et al. 2019).

    >>> _byte_characters()[32], _byte_characters()[65]
    ('Ġ', 'A')
    """
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + number) for number, byte in enumerate(others)}
