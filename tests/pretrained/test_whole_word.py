from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("transformers")

from textsynth.errors import OptionError
from textsynth.pretrained.masked.whole_word import KINDS, WholeWords, mark_of


@pytest.mark.parametrize(("kind", "mark"), [("bert", "##"), ("roberta", "Ġ"), ("unigram", "▁")])
def test_words_are_found_in_each_kind_of_vocabulary(loaded: Any, kind: Any, mark: str):
    tokenizer = loaded(kind).tokenizer
    words = WholeWords.of(tokenizer, ())
    assert mark_of(tokenizer) == mark
    spaced = {word for word, begins in zip(words.strings, words.is_spaced, strict=True) if begins}
    assert spaced >= {"Ada", "Zoë", "Rome", "flew", "sailed", "Monday", "lamps"}
    assert not spaced & {"[MASK]", "<mask>", "</s>", ".", "!", "XX1", ""}
    assert all(word.isalpha() and len(word) > 1 for word in words.strings)


def test_pieces_say_the_words_they_stand_for(loaded: Any):
    for kind, before in (("bert", ""), ("roberta", "Ġ"), ("unigram", "▁")):
        tokenizer = loaded(kind).tokenizer
        words = WholeWords.of(tokenizer, ())
        place = words.strings.index("sailed")
        assert tokenizer.convert_ids_to_tokens(int(words.pieces[place])) == f"{before}sailed"


def test_pieces_without_a_space_are_words_only_if_they_are_with_one(loaded: Any):
    tokenizer = loaded("roberta").tokenizer
    words = WholeWords.of(tokenizer, ())
    bare = {word for word, begins in zip(words.strings, words.is_spaced, strict=True) if not begins}
    assert "Ada" in bare
    pieces = set(tokenizer.get_vocab())
    assert all(f"Ġ{word}" in pieces or not word.isascii() for word in bare)
    assert {"d", "day", "ay"} & pieces - bare


def test_single_letters_are_words_where_the_source_has_them(loaded: Any):
    tokenizer = loaded("bert").tokenizer
    assert "a" not in WholeWords.of(tokenizer, ()).strings
    assert "a" in WholeWords.of(tokenizer, ("a",)).strings


def test_a_vocabulary_of_letters_has_no_words():
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    letters = Tokenizer(models.WordLevel({"a": 0, "b": 1, "?": 2, "<unk>": 3}, unk_token="<unk>"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=letters, unk_token="<unk>")
    with pytest.raises(OptionError, match="'model': the vocabulary must have whole words"):
        WholeWords.of(tokenizer, ())


def test_casing_is_known(loaded: Any):
    words = WholeWords.of(loaded("bert").tokenizer, ())
    casing = {word: KINDS[kind] for word, kind in zip(words.strings, words.kind, strict=True)}
    assert words.is_cased
    assert (casing["Ada"], casing["flew"], casing["PERSON"]) == ("title", "lower", "upper")
    assert np.all(words.is_spaced)
