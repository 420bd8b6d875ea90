from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from edited import corpus_of

pytest.importorskip("torch")
pytest.importorskip("transformers")

from textsynth.edits.tokenised import Tokenised
from textsynth.foundation.seeding import child_rng
from textsynth.pretrained.encoded_corpus import EncodedCorpus
from textsynth.pretrained.marker import Markers
from textsynth.pretrained.masked.candidate import Candidates
from textsynth.pretrained.masked.cloze import Cloze
from textsynth.pretrained.masked.refiller import HiddenWords, Refiller, WordSampling
from textsynth.pretrained.masked.whole_word import KINDS, WholeWords


class Counting(Cloze):
    """Remembers what it was asked."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.asked: list[tuple[int, ...]] = []

    def logits(self, sentences: Any, places: Any) -> Any:
        self.asked += map(tuple, sentences)
        return super().logits(sentences, places)


def refiller(loaded: Any, *texts: str, kind: Any = "bert", **sampling: Any) -> Refiller:
    pretrained = loaded(kind)
    tokenizer, tokenised = pretrained.tokenizer, Tokenised.of(corpus_of(*texts))
    encoded = EncodedCorpus.of(tokenised, tokenizer, Markers(0))
    candidates = Candidates.of(tokenised, encoded, WholeWords.of(tokenizer, ()), tokenizer)
    cloze = Counting(pretrained.model, tokenizer.pad_token_id)
    wanted = {"top_k": 20, "min_p": 0.0, "temperature": 1.0} | sampling
    return Refiller(cloze, tokenizer.mask_token_id, encoded, candidates, WordSampling(**wanted))


def hidden(*columns: tuple[int, int, int]) -> HiddenWords:
    """Copy, token and example of each hidden word."""
    return HiddenWords(*np.array(columns, np.int64).reshape(-1, 3).T)


def words(ours: Refiller, drawn: np.ndarray) -> list[str]:
    return [ours.candidates.words.strings[word] for word in drawn]


def test_turns_count_the_hidden_words_right_before():
    found = hidden((0, 3, 0), (0, 4, 0), (0, 5, 0), (0, 7, 0), (1, 8, 0), (1, 9, 0), (2, 10, 0)).turns()
    assert found.tolist() == [0, 1, 2, 0, 0, 1, 0]
    assert hidden().turns().tolist() == []


def test_the_same_sentence_with_the_same_words_hidden_is_read_once(loaded: Any):
    ours = refiller(loaded, "we saw Ada today .", "Bo flew to Rome on Monday .")
    many = hidden(*((copy, 2, 0) for copy in range(30)), *((copy, 6, 1) for copy in range(30, 40)))
    drawn = ours.draw_words(many, child_rng(1))
    assert len(ours.cloze.asked) == 2  # type: ignore[attr-defined]
    assert len(set(drawn[:30].tolist())) > 2
    assert "flew" not in words(ours, drawn[30:])


def test_words_apart_are_drawn_at_once_and_neighbours_one_by_one(loaded: Any):
    ours = refiller(loaded, "send two lamps to Ada !")
    ours.draw_words(hidden((0, 0, 0), (0, 2, 0)), child_rng(1))
    assert len(ours.cloze.asked) == 1  # type: ignore[attr-defined]
    again = refiller(loaded, "send two lamps to Ada !")
    drawn = again.draw_words(hidden((0, 1, 0), (0, 2, 0)), child_rng(1))
    first, second = again.cloze.asked  # type: ignore[attr-defined]
    assert [symbols.count(again.mask) for symbols in (first, second)] == [2, 1]
    assert second[2] == again.candidates.words.pieces[drawn[0]]


def test_a_word_without_another_is_seen_as_it_was_by_its_neighbour(loaded: Any):
    ours = refiller(loaded, "we saw Ada today .", min_p=0.3)
    drawn = ours.draw_words(hidden((0, 1, 0), (0, 2, 0)), child_rng(1))
    assert drawn[0] == -1
    second = ours.cloze.asked[1]  # type: ignore[attr-defined]
    assert second.count(ours.mask) == 1
    assert second[2] == ours.encoded.symbols.values[ours.encoded.first[1]]


def test_without_temperature_the_likeliest_other_word_comes(loaded: Any):
    import torch

    ours = refiller(loaded, "Bo flew to Rome on Monday .", temperature=0.0)
    drawn = ours.draw_words(hidden((0, 1, 0), (1, 1, 0)), child_rng(1))
    symbols, [place] = ours.encoded.hide(0, [])[0], [2]
    symbols[place] = ours.mask
    with torch.inference_mode():
        likely = ours.cloze.model(input_ids=torch.tensor([symbols])).logits[0, place].argsort(descending=True)
    strings = {
        int(piece): word
        for piece, word in zip(ours.candidates.words.pieces, ours.candidates.words.strings, strict=True)
    }
    ranked = [strings[piece] for piece in likely.tolist() if piece in strings and strings[piece].islower()]
    assert words(ours, drawn) == [next(word for word in ranked if word != "flew")] * 2


@pytest.mark.parametrize("kind", ["bert", "roberta", "unigram"])
def test_candidates_have_the_casing_and_the_space_of_the_word(loaded: Any, kind: Any):
    ours = refiller(loaded, "Ada flew to Rome", kind=kind)
    candidates = ours.candidates
    assert (candidates.group >= 0).all()
    assert [KINDS[kind] for kind in candidates.kind] == ["title", "lower", "lower", "title"]
    for token in range(4):
        members = candidates.members[candidates.group[token]]
        assert set(candidates.words.kind[members]) == {candidates.kind[token]}
        assert set(candidates.words.is_spaced[members]) == {not (token == 0 and kind == "roberta")}


def test_a_vocabulary_without_capitals_takes_the_casing_of_the_text(loaded: Any):
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    names = ["[PAD]", "[UNK]", "[MASK]", "rome", "oslo", "flew"]
    inner = Tokenizer(models.WordPiece({name: place for place, name in enumerate(names)}, unk_token="[UNK]"))
    inner.normalizer, inner.pre_tokenizer = normalizers.Lowercase(), pre_tokenizers.BertPreTokenizer()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, unk_token="[UNK]", pad_token="[PAD]", mask_token="[MASK]", model_max_length=64
    )
    tokenised = Tokenised.of(corpus_of("Rome flew ROME iPhone"))
    encoded = EncodedCorpus.of(tokenised, tokenizer, Markers(0))
    candidates = Candidates.of(tokenised, encoded, WholeWords.of(tokenizer, ()), tokenizer)
    assert not candidates.words.is_cased
    assert (candidates.group >= 0).tolist() == [True, True, True, False]
    oslo = np.full(3, candidates.words.strings.index("oslo"))
    strings = candidates.strings()
    assert [strings[each] for each in candidates.string_of(oslo, np.arange(3))] == ["Oslo", "oslo", "OSLO"]
