"""Edit: the base of all generators that change words or characters of source examples, and leave the rest alone."""

from __future__ import annotations

import abc
import functools
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pydantic

from textsynth.corpus import Corpus
from textsynth.edits.draw import draw_counts, draw_distinct
from textsynth.edits.edit_table import Edits, Material, carry_out
from textsynth.edits.mention import replace_mentions
from textsynth.edits.operation import Maker, Operation
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import OptionError, nearest
from textsynth.extract import Gazetteer, Resources

Policy = Literal["protect", "edit", "replace"]
Rate = Annotated[float, pydantic.Field(gt=0, le=1)]

ANY_LABEL = "*"
PLACEHOLDERS = (r"\[[^\[\]\s]+\]", r"\{[^{}\s]+\}", r"<[^<>\s]+>", r"%[sd]\b")
_GAZETTEER = "gazetteer.tsv"


@dataclass(frozen=True)
class Editor:
    """What an operation does to one tokenised corpus.

    Args:
        tokenised: the corpus.
        material: what is put in.
        places: `(places,)` token positions, sorted, at which the operation may change something.
    """

    tokenised: Tokenised
    material: Material
    places: np.ndarray

    @functools.cached_property
    def rows(self) -> np.ndarray:
        """`(examples + 1,)`; the places of example `i` are `places[rows[i]:rows[i + 1]]`."""
        return np.searchsorted(self.places, self.tokenised.tokens.rows)

    def draw_places(self, chosen: np.ndarray, rate: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draws the places to edit in copies of examples.

        Args:
            chosen: `(copies,)` examples.
            rate: share of the places.
            rng: draws their number and which.

        Returns:
            For each place drawn its copy and its token, `(drawn,)` each, sorted by both.
        """
        sizes = self.rows[chosen + 1] - self.rows[chosen]
        copy, place = draw_distinct(sizes, draw_counts(sizes, rate, rng), rng)
        return copy, self.places[self.rows[chosen[copy]] + place]


@dataclass(frozen=True, kw_only=True)
class Edit(Operation):
    """Changes words or characters of source examples; all else stays as it is, byte for byte.

    A subclass says at which tokens it may change something, and what; see `editor` and `edits`.

    Args:
        rate: share of the words that are changed, on average; at least one an example.
        policy: for a label ("*" for all), what happens with its mentions: "protect" them (the default), "edit" them as
            other text, with their label kept, or "replace" them by other mentions of that label.
        protect: words and phrases that stay as they are, whatever their case.
        protect_patterns: regular expressions; what they match stays as it is. By default placeholders such as [id].
    """

    default_policy: ClassVar[Policy] = "protect"
    """What happens with the mentions of a label of which the option says nothing."""

    rate: Rate = 0.1
    policy: dict[str, Policy] = field(default_factory=dict)
    protect: tuple[str, ...] = ()
    protect_patterns: tuple[str, ...] = PLACEHOLDERS

    def __post_init__(self) -> None:
        super().__post_init__()
        for pattern in self.protect_patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                must = "option 'protect_patterns' must be regular expressions"
                raise OptionError(f"{must}, was: {pattern!r} ({error})") from error

    @abc.abstractmethod
    def editor(self, tokenised: Tokenised, directory: Path) -> Editor:
        """Prepares the operation for a corpus; `directory` is what `store` has written."""

    @abc.abstractmethod
    def edits(self, editor: Editor, chosen: np.ndarray, rng: np.random.Generator) -> Edits:
        """Draws edits of copies of examples, sorted; a copy may get none."""

    def learn(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Learns from the resources what this operation needs beside the text; most need nothing."""

    def store(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Checks the policy, and keeps the gazetteer where mentions are to be replaced."""
        labels = resources.source.labels
        for label in self.policy:
            if label != ANY_LABEL and label not in labels:
                raise OptionError(f"option 'policy': the source has no label {label!r}; {nearest(label, labels)}")
        if "replace" in self.policy.values():
            resources.gazetteer.write(directory / _GAZETTEER)
        self.learn(resources, directory, rng)

    def maker(self, tokenised: Tokenised, directory: Path) -> Maker:
        """Prepares the operation for a corpus."""
        replaced = [label for label in tokenised.corpus.labels if self.policy_of(label) == "replace"]
        gazetteer = Gazetteer.read(directory / _GAZETTEER) if replaced else None
        return _Editing(self, self.editor(tokenised, directory), replaced, gazetteer)

    def editable(self, tokenised: Tokenised) -> np.ndarray:
        """Says for each token whether it may be changed: a word that no policy and no protection keeps, `(tokens,)`."""
        return tokenised.is_word & self.find_editable(tokenised) & ~self.find_protected(tokenised)

    def find_editable(self, tokenised: Tokenised) -> np.ndarray:
        """Says for each token whether it lies outside of mentions, or in one that may be edited, `(tokens,)`."""
        may = [self.policy_of(label) == "edit" for label in tokenised.corpus.labels]
        return np.array([*may, True])[tokenised.labels()]

    def policy_of(self, label: str) -> Policy:
        """Returns what happens with the mentions of a label."""
        return self.policy.get(label, self.policy.get(ANY_LABEL, self.default_policy))

    def find_protected(self, tokenised: Tokenised) -> np.ndarray:
        """Says for each token whether it touches something that is protected."""
        protected = np.zeros(len(tokenised.begin), bool)
        words = [rf"(?<!\w){re.escape(word)}(?!\w)" for word in self.protect if word.strip()]
        parts = [f"(?i:{word})" for word in words] + [f"(?:{pattern})" for pattern in self.protect_patterns]
        if not parts:
            return protected
        pattern = re.compile("|".join(parts))
        for row, text in enumerate(tokenised.corpus.texts.to_pylist()):
            first = tokenised.points.rows[row]
            for match in pattern.finditer(text):
                low, high = np.searchsorted(tokenised.end, first + match.start(), "right"), first + match.end()
                protected[low : np.searchsorted(tokenised.begin, high, "left")] = True
        return protected


class _Editing:
    """Carries out the edits that an operation draws, and then the replacement of mentions that its policy asks for."""

    def __init__(self, edit: Edit, editor: Editor, replaced: list[str], gazetteer: Gazetteer | None) -> None:
        self._edit, self._editor = edit, editor
        self._replaced, self._gazetteer = replaced, gazetteer
        self.usable = np.diff(editor.rows) > 0
        if gazetteer is not None:
            spans = editor.tokenised.corpus.spans
            named = pc.is_in(spans.labels, pa.array(replaced, pa.string())).to_numpy(zero_copy_only=False)
            self.usable = self.usable | (np.bincount(spans.row_of_span(), named, len(self.usable)) > 0)

    def __call__(self, chosen: np.ndarray, rng: np.random.Generator) -> Corpus:
        editor = self._editor
        corpus = carry_out(editor.tokenised, chosen, self._edit.edits(editor, chosen, rng), editor.material)
        if self._gazetteer is None:
            return corpus
        return replace_mentions(corpus, self._replaced, self._gazetteer, rng)
