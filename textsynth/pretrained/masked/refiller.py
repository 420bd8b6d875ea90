"""Refilling: hidden words are drawn anew from what a masked language model takes for likely there.

Words that stand apart are drawn in one pass: what is hidden is then the same for many copies of a sentence, and read
once. Words side by side are drawn one after the other, each in view of those before: drawn at once, "New York" might
become "Los Francisco".
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

from textsynth.corpus.ragged import Ragged
from textsynth.edits.edit_table import Edits, Material
from textsynth.edits.editor import SubstitutionEditor
from textsynth.edits.tokenised import Tokenised
from textsynth.foundation.distinct import find_distinct
from textsynth.pretrained.encoded_corpus import EncodedCorpus, Gap
from textsynth.pretrained.masked.candidate import Candidates
from textsynth.pretrained.masked.cloze import Cloze, group_by_length
from textsynth.training.device import threads
from textsynth.wording.symbol_sampling import Style, draw

_NEVER = -1e9
"""The score of a word that may not come: finite, as a softmax over nothing but minus infinity is undefined."""
_TINY = 1e-30
"""The least `min_p`, so that it has a logarithm."""
_KEPT = -1
"""Stands for a word for which no other was found."""


@dataclass(frozen=True)
class HiddenWords:
    """Copies of examples in which words are hidden, as columns, sorted by copy and token.

    Args:
        copy: `(hidden words,)`; the copy of each.
        token: `(hidden words,)`; the token.
        row: `(hidden words,)`; the example that the copy is of.
    """

    copy: np.ndarray
    token: np.ndarray
    row: np.ndarray

    def turns(self) -> np.ndarray:
        """Returns how many hidden words stand right before each, `(hidden words,)`."""
        # A run is of words that follow on each other; it opens at a word that follows on none.
        opens = np.ones(len(self.copy), bool)
        opens[1:] = (self.copy[1:] != self.copy[:-1]) | (self.token[1:] != self.token[:-1] + 1)
        return Ragged.of_bounds(np.append(np.flatnonzero(opens), len(opens))).rank


class WordSampling(NamedTuple):
    """How words are drawn.

    Args:
        top_k: words are drawn from this many of the likeliest.
        min_p: only those are that have this share of the probability of the likeliest symbol of all.
        temperature: under 1 for likely words, over 1 for rare ones; 0 always takes the likeliest.
    """

    top_k: int
    min_p: float
    temperature: float


@dataclass(frozen=True)
class Refiller:
    """Draws hidden words from what a masked language model takes for likely.

    Args:
        cloze: the model.
        mask: the symbol of a hidden word.
        encoded: the corpus as the model reads it.
        candidates: what may come at each token.
        sampling: how they are drawn.
    """

    cloze: Cloze
    mask: int
    encoded: EncodedCorpus
    candidates: Candidates
    sampling: WordSampling

    @torch.inference_mode()
    def draw_words(self, hidden: HiddenWords, rng: np.random.Generator) -> np.ndarray:
        """Draws a word for each hidden one, `(hidden words,)` positions in the candidates' words, -1 for none.

        Args:
            hidden: what is drawn anew.
            rng: draws one uniform number a word.
        """
        # What stands for each hidden word when the next are asked for: the mask, and what was drawn in earlier turns.
        shown = np.full(len(hidden.copy), self.mask, np.int64)
        words = np.full(len(hidden.copy), -1, np.int64)
        turns = hidden.turns()
        for turn in range(int(turns.max(initial=-1)) + 1):
            sentences = list(_group_sentences(hidden, shown, turns == turn))
            laid = [self.encoded.hide(int(hidden.row[each.lows[0]]), each.gaps) for each in sentences]
            for batch in group_by_length(np.array([len(symbols) for symbols, _ in laid])):
                asked = [sentences[number] for number in batch]
                places = [[laid[number][1][place] for place in sentences[number].wanted] for number in batch]
                logits = self.cloze.logits([laid[number][0] for number in batch], places)
                some, logit_row = _spread(asked)
                words[some] = self._draw(logits, hidden.token[some], logit_row, rng)
            done = np.flatnonzero(turns == turn)
            shown[done] = np.where(words[done] < 0, _KEPT, self.candidates.words.pieces[words[done]])
        return words

    def _draw(
        self, logits: torch.Tensor, token: np.ndarray, logit_row: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """Draws a word for each token; `logit_row` is the row of the logits that belongs to it."""
        # Copies that share a row of the logits have the same token there, so that it is ranked once for all of them.
        _, first = np.unique(logit_row, return_index=True)
        scores, words = self._likeliest(logits, token[first])
        scores, words = scores[logit_row], words[logit_row]
        choice = draw(scores.clamp(min=_NEVER), Style(self.sampling.temperature, 1.0, 1), rng)
        drawn = words[torch.arange(len(words)), choice]
        return torch.where(scores[:, 0] == -torch.inf, -1, drawn).cpu().numpy()

    def _likeliest(self, logits: torch.Tensor, token: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """Returns the scores of the likeliest candidates for each token, falling, and which words they are."""
        candidates = self.candidates
        group, device = candidates.group[token], logits.device
        scores = logits[:, torch.from_numpy(candidates.words.pieces).to(device)]
        members = torch.from_numpy(candidates.members).to(device)
        scores = scores.masked_fill(~members[torch.from_numpy(group).to(device)], -torch.inf)
        # The word itself, in whatever case, would be no change.
        for row, folded in enumerate(candidates.folded[token].tolist()):
            for word in candidates.same[folded]:
                scores[row, word] = -torch.inf
        best = scores.topk(min(self.sampling.top_k, scores.shape[1]), dim=1)
        least = logits.max(dim=1, keepdim=True).values + math.log(max(self.sampling.min_p, _TINY))
        return best.values.masked_fill(best.values < least, -torch.inf), best.indices


class _Sentence(NamedTuple):
    """A sentence with hidden words, and the copies that it is of.

    Args:
        gaps: what is hidden, and what was and has become another word.
        wanted: which of the gaps are drawn now.
        offsets: for each of these, which of the hidden words of a copy it is.
        lows: for each copy, where its hidden words begin in the columns.
    """

    gaps: list[Gap]
    wanted: list[int]
    offsets: list[int]
    lows: list[int]


def _group_sentences(hidden: HiddenWords, shown: np.ndarray, wanted: np.ndarray) -> Iterator[_Sentence]:
    """Yields the distinct sentences in which words are wanted, in the order of their first copy."""
    copies = find_distinct(hidden.copy[wanted])
    lows, highs = (np.searchsorted(hidden.copy, copies, side=side).tolist() for side in ("left", "right"))
    found: dict[tuple[tuple[int, ...], tuple[int, ...]], _Sentence] = {}
    for low, high in zip(lows, highs, strict=True):
        tokens, symbols = tuple(hidden.token[low:high].tolist()), tuple(shown[low:high].tolist())
        if (tokens, symbols) not in found:
            places = [place for place, symbol in enumerate(symbols) if symbol != _KEPT]
            gaps = [Gap(tokens[place], tokens[place] + 1, symbols[place]) for place in places]
            asked = [number for number, place in enumerate(places) if wanted[low + place]]
            found[tokens, symbols] = _Sentence(gaps, asked, [places[number] for number in asked], [])
        found[tokens, symbols].lows.append(low)
    yield from found.values()


def _spread(sentences: Sequence[_Sentence]) -> tuple[np.ndarray, np.ndarray]:
    """Returns the wanted words of all copies of sentences, and which row of the logits belongs to each."""
    some, logit_row, first = [], [], 0
    for sentence in sentences:
        for number, offset in enumerate(sentence.offsets):
            some += [low + offset for low in sentence.lows]
            logit_row += [first + number] * len(sentence.lows)
        first += len(sentence.offsets)
    return np.array(some, np.int64), np.array(logit_row, np.int64)


@dataclass(frozen=True)
class RefillEditor(SubstitutionEditor):
    """An editor that hides words, and draws what comes there.

    Args:
        refiller: draws the words.
        threads: with which the model runs.
    """

    refiller: Refiller
    threads: int

    @classmethod
    def of(cls, tokenised: Tokenised, may: np.ndarray, refiller: Refiller, threads: int) -> RefillEditor:
        """Prepares the words that may go, of those that others may come for."""
        material = Material(tokenised, refiller.candidates.strings())
        places = np.flatnonzero(may & (refiller.candidates.group >= 0))
        return cls(tokenised, material, places, refiller, threads)

    def substitutions(self, copy: np.ndarray, token: np.ndarray, rng: np.random.Generator) -> Edits:
        """Draws another word for each token."""
        with threads(self.threads):
            word = self.refiller.draw_words(HiddenWords(copy, token, self.tokenised.row[token]), rng)
        copy, token, word = copy[word >= 0], token[word >= 0], word[word >= 0]
        drawn = self.refiller.candidates.string_of(word, token)
        begin, end = self.tokenised.begin[token], self.tokenised.end[token]
        return Edits(copy, begin, end, self.material.first[drawn], self.material.stop[drawn])
