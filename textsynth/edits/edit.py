"""Edit: the base of all generators that change words or characters of source examples, and leave the rest alone."""

from __future__ import annotations

import abc
import dataclasses
import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pydantic

from textsynth.components.generator import Generator
from textsynth.corpus import Corpus
from textsynth.corpus.ragged import bounds_of
from textsynth.corpus.script import WORD_CHARACTER, is_unspaced
from textsynth.edits.edit_table import carry_out
from textsynth.edits.editor import Editor
from textsynth.edits.mention import replace_mentions
from textsynth.edits.operation import Maker, Operation
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import OptionError, nearest
from textsynth.extract import Gazetteer, Resources
from textsynth.foundation.expression import compile_expression, say_too_slow

EditorT = TypeVar("EditorT", bound=Editor, covariant=True)
Policy = Literal["keep", "edit", "replace"]
"""What happens with the mentions of a label."""

Rate = Annotated[float, pydantic.Field(gt=0, le=1)]
"""Share of the places of a text that are changed, on average."""

ANY_LABEL = "*"
"""Stands for all labels in the option `policy`."""

PLACEHOLDERS = (r"\[[^\[\]\s]+\]", r"\{[^{}\s]+\}", r"<[^<>\s]+>", r"%[sd]\b")
"""Regular expressions of what is filled in later, such as [id], {name}, <tag> and %s; by default they are protected."""

_GAZETTEER = "gazetteer.tsv"
_SECONDS = 1.0
"""How long the expression of a user may look at a text; one that is written well takes a thousandth."""


@dataclass(frozen=True, kw_only=True)
class Edit(Operation, Generator, Generic[EditorT]):
    """Changes words or characters of source examples; all else stays as it is, byte for byte.

    A subclass prepares an editor for a corpus, which knows where something may be changed and draws what; most take one
    of those in this folder.

    Args:
        rate: share of the words that are changed, on average; at least one an example.
        policy: for a label ("*" for all), what happens with its mentions: "keep" them (the default), "edit" them as
            other text, with their label kept, or "replace" them by other mentions of that label.
        protect: words and phrases that never change, in mentions or outside of them, whatever their case.
        protect_patterns: regular expressions; what they match never changes. By default placeholders such as [id].
    """

    default_policy: ClassVar[Policy] = "keep"
    """What happens with the mentions of a label of which the option says nothing."""

    rate: Rate = 0.1
    policy: dict[str, Policy] = field(default_factory=dict)
    protect: tuple[str, ...] = ()
    protect_patterns: tuple[str, ...] = PLACEHOLDERS

    def __post_init__(self) -> None:
        super().__post_init__()
        for pattern in self.protect_patterns:
            compile_expression(pattern, "protect_patterns")

    @abc.abstractmethod
    def editor(self, tokenised: Tokenised, directory: Path) -> EditorT:
        """Finds what may be changed in a corpus; `directory` is what `store` has written."""

    def learn(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Learns from the resources what this operation needs beside the text; most need nothing."""

    def store(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Checks the policy, and keeps the gazetteer if mentions are to be replaced."""
        labels = resources.source.labels
        for label in self.policy:
            if label != ANY_LABEL and label not in labels:
                raise OptionError(f"option 'policy': the source has no label {label!r}; {nearest(label, labels)}")
        if "replace" in self.policy.values():
            resources.gazetteer.write(directory / _GAZETTEER)
        self.learn(resources, directory, rng)

    def own_differences(self) -> frozenset[str]:
        """Says what all changes of this operation differ in, if in nothing else; most differ in more."""
        return frozenset()

    def list_differences(self) -> frozenset[str]:
        """Says what all that it makes differs in; mentions that are replaced differ in more."""
        return frozenset() if "replace" in self.policy.values() else self.own_differences()

    def explain(self, tokenised: Tokenised, directory: Path) -> str:
        """Finds out whether mentions that are kept, or what is protected, is all that could be changed."""
        editing = dataclasses.replace(self, policy={ANY_LABEL: "edit"})
        bare = dataclasses.replace(editing, protect=(), protect_patterns=())
        if editing.maker(tokenised, directory).usable.any():
            edits = f'policy = {{ "{ANY_LABEL}" = "edit" }} edits them'
            return f"all that it could change is in mentions, which are kept; {edits}"
        if bare.maker(tokenised, directory).usable.any():
            return "all that it could change is protected, by 'protect' or 'protect_patterns'"
        return self.explain_unusable(directory)

    def explain_unusable(self, directory: Path) -> str:
        """Says why no text has anything to change, though nothing is kept or protected.

        Args:
            directory: what `store` has written.
        """
        return "no text of the source has anything that it changes"

    def maker(self, tokenised: Tokenised, directory: Path) -> Maker:
        """Prepares the operation for a corpus."""
        replaced = [label for label in tokenised.corpus.labels if self.policy_of(label) == "replace"]
        gazetteer = Gazetteer.read(directory / _GAZETTEER) if replaced else None
        return _Editing(self, self.editor(tokenised, directory), replaced, gazetteer)

    def find_editable(self, tokenised: Tokenised) -> np.ndarray:
        """Says for each token whether it begins a word that may be changed, `(tokens,)`.

        No policy and no protection keeps any of the word; nor is it what the edge of a mention has left over of a
        longer one, as the 's of a name.
        """
        held = np.bincount(tokenised.word_start, ~self.find_free(tokenised), len(tokenised.begin)) > 0
        left_over = tokenised.is_cut & (tokenised.span < 0) & tokenised.continues_word
        return tokenised.is_word & tokenised.opens_word & ~held & ~left_over

    def find_movable(self, tokenised: Tokenised) -> np.ndarray:
        """Says for each token whether it begins a word that may be changed and is whole, `(tokens,)`.

        What a mention has of a longer word is not: without it, or with another in its place, the rest makes no word.
        """
        return self.find_editable(tokenised) & ~tokenised.is_cut

    def find_free(self, tokenised: Tokenised) -> np.ndarray:
        """Says for each token, word or mark, whether no policy and no protection keeps it, `(tokens,)`."""
        return self.find_outside_kept(tokenised) & ~self.find_protected(tokenised)

    def find_outside_kept(self, tokenised: Tokenised) -> np.ndarray:
        """Says for each token whether it lies outside of mentions, or in one that may be edited, `(tokens,)`."""
        may = [self.policy_of(label) == "edit" for label in tokenised.corpus.labels]
        return np.array([*may, True])[tokenised.labels()]

    def find_editable_mentions(self, tokenised: Tokenised) -> np.ndarray:
        """Says for each span whether it may be changed: no policy and no protection keeps any of it, `(spans,)`."""
        may = np.array([self.policy_of(label) == "edit" for label in tokenised.corpus.spans.labels.to_pylist()], bool)
        return may & ~self.find_protected_mentions(tokenised)

    def find_protected_mentions(self, tokenised: Tokenised) -> np.ndarray:
        """Says for each span whether any of its tokens is protected, `(spans,)`."""
        # Counted up to each token, so that the counts at its two ends tell whether a span has any.
        protected = bounds_of(self.find_protected(tokenised))
        return protected[tokenised.tokens.stop] > protected[tokenised.tokens.first]

    def policy_of(self, label: str) -> Policy:
        """Returns what happens with the mentions of a label."""
        return self.policy.get(label, self.policy.get(ANY_LABEL, self.default_policy))

    def find_protected(self, tokenised: Tokenised) -> np.ndarray:
        """Says for each token whether it touches something that is protected, `(tokens,)`."""
        protected = np.zeros(len(tokenised.begin), bool)
        # `\b` would not do: what is protected may begin or end with a mark, as "C++" does.
        # Nor is a letter beside it part of the same word if either is of a script without spaces.
        words = [_make_pattern(word) for word in self.protect if word.strip()]
        usual = [f"(?:{pattern})" for pattern in self.protect_patterns if pattern in PLACEHOLDERS]
        parts = [f"(?i:{word})" for word in words] + usual
        others = [pattern for pattern in self.protect_patterns if pattern not in PLACEHOLDERS]
        if parts:
            find = re.compile("|".join(parts)).finditer
            _note_matches(tokenised, lambda text: [match.span() for match in find(text)], protected)
        for pattern in others:
            expression = compile_expression(pattern, "protect_patterns")
            _note_matches(tokenised, functools.partial(_find_in_time, expression), protected)
        return protected


def _note_matches(
    tokenised: Tokenised, find: Callable[[str], Sequence[tuple[int, int]]], protected: np.ndarray
) -> None:
    """Notes all tokens that a match touches: from the first that ends behind its start to the last before its end."""
    for row, text in enumerate(tokenised.corpus.texts.to_pylist()):
        first = tokenised.points.rows[row]
        for start, end in find(text):
            low, high = np.searchsorted(tokenised.end, first + start, "right"), first + end
            protected[low : np.searchsorted(tokenised.begin, high, "left")] = True


def _find_in_time(expression: Any, text: str) -> list[tuple[int, int]]:
    """Returns where the expression of a user matches; one that is not done in time is refused."""
    try:
        return [match.span() for match in expression.finditer(text, timeout=_SECONDS)]
    except TimeoutError as error:
        raise say_too_slow(expression, "protect_patterns", _SECONDS, text) from error


def _make_pattern(word: str) -> str:
    """Returns the regular expression of a word or phrase that is no part of a longer word."""
    before = "" if is_unspaced(word[:1]) else f"(?<!{WORD_CHARACTER})"
    behind = "" if is_unspaced(word[-1:]) else f"(?!{WORD_CHARACTER})"
    return before + re.escape(word) + behind


class _Editing:
    """Carries out the edits that an editor draws, and then the replacement of mentions that the policy asks for."""

    def __init__(self, edit: Edit[Editor], editor: Editor, replaced: list[str], gazetteer: Gazetteer | None) -> None:
        self._edit, self._editor = edit, editor
        self._replaced, self._gazetteer = replaced, gazetteer
        self.usable = editor.by_example.lengths > 0
        if gazetteer is not None:
            row = editor.tokenised.corpus.spans.row_of_span()
            named = np.bincount(row, self._find_replaceable(editor.tokenised), len(self.usable))
            self.usable = self.usable | (named > 0)

    def __call__(self, chosen: np.ndarray, rng: np.random.Generator) -> Corpus:
        editor = self._editor
        corpus = carry_out(editor.tokenised, chosen, editor.draw_edits(chosen, self._edit.rate, rng), editor.material)
        if self._gazetteer is None:
            return corpus
        tokenised = Tokenised.of(corpus)
        return replace_mentions(tokenised, self._find_replaceable(tokenised), self._gazetteer, rng)

    def _find_replaceable(self, tokenised: Tokenised) -> np.ndarray:
        """Says for each span whether it is to be replaced and not protected, `(spans,)`."""
        named = pc.is_in(tokenised.corpus.spans.labels, pa.array(self._replaced, pa.string()))
        return named.to_numpy(zero_copy_only=False) & ~self._edit.find_protected_mentions(tokenised)
