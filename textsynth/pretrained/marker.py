"""Markers: symbols of labels and classes that a model reads beside its own, so that it has them in view.

They are numbers behind all that the model knows, so that no text can hold one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from textsynth.corpus.classes import describe_classes


@dataclass(frozen=True)
class Markers:
    """Which symbol stands for which label and class.

    Args:
        first: the first symbol; those of labels, then those of classes follow on it.
        labels: of mentions.
        classes: of texts, or those that texts have together, as `join_classes` joins them.
    """

    first: int
    labels: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()

    def of_labels(self, labels: Sequence[str]) -> np.ndarray:
        """Returns the marker of each label, -1 if it has none.

        >>> Markers(100, ("CITY", "PERSON"), ("go",)).of_labels(["PERSON", "DATE"]).tolist()
        [101, -1]
        """
        number = {label: self.first + place for place, label in enumerate(self.labels)}
        return np.array([number.get(label, -1) for label in labels], np.int64)

    def of_classes(self, classes: Sequence[str | None]) -> np.ndarray:
        """Returns the marker of each class, -1 if it has none."""
        first = self.first + len(self.labels)
        number: dict[str | None, int] = {label: first + place for place, label in enumerate(self.classes)}
        return np.array([number.get(label, -1) for label in classes], np.int64)

    def meanings(self, tokenizer: Any) -> list[list[int]]:
        """Returns for each marker the symbols of the words of its name, whose mean it begins as."""
        return [pieces_of_name(name, tokenizer) for name in (*self.labels, *map(describe_classes, self.classes))]


def pieces_of_name(name: str, tokenizer: Any) -> list[int]:
    """Returns the pieces of the words of a name; the unknown one if there are none."""
    pieces: list[int] = tokenizer(words_of_name(name), add_special_tokens=False, split_special_tokens=True)["input_ids"]
    return pieces or [int(tokenizer.unk_token_id or 0)]


def words_of_name(name: str) -> str:
    """Returns the words of a name in small letters, which most models know more of than capitals.

    >>> [words_of_name(name) for name in ("creative-work", "jobTitle", "PERSON", "B2B", "1")]
    ['creative work', 'job title', 'person', 'b2b', '1']
    """
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))).lower() or name
