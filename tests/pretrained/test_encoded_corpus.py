from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from edited import corpus_of
from hypothesis import given
from strategies import corpora

pytest.importorskip("transformers")

from textsynth.corpus import Corpus
from textsynth.edits.tokenised import Tokenised
from textsynth.pretrained.encoded_corpus import EncodedCorpus, Gap
from textsynth.pretrained.marker import Markers

KINDS = ("bert", "roberta", "unigram")
MARKERS = Markers(9000, ("CITY", "PERSON"), ("travel",))
NAMES = {9000: "<CITY>", 9001: "<PERSON>", 9002: "<travel>"}


def written(symbols: Any, tokenizer: Any) -> str:
    known = [NAMES.get(symbol) or tokenizer.convert_ids_to_tokens(symbol) for symbol in list(map(int, symbols))]
    return " ".join(known)


def laid(corpus: Corpus, tokenizer: Any, markers: Markers = MARKERS) -> tuple[EncodedCorpus, Tokenised]:
    tokenised = Tokenised.of(corpus)
    return EncodedCorpus.of(tokenised, tokenizer, markers), tokenised


def row_of(encoded: EncodedCorpus, row: int) -> np.ndarray:
    return encoded.symbols[row]


def test_labels_and_class_stand_in_view(loaded: Any):
    source = Corpus.from_columns(
        text=["Ada flew to Rome .", "we saw Oslo"],
        spans=[[(0, 3, "PERSON"), (12, 16, "CITY")], [(7, 11, "CITY")]],
        label=["travel", None],
    )
    tokenizer = loaded("bert").tokenizer
    encoded, _ = laid(source, tokenizer)
    first = "[CLS] <travel> <PERSON> Ada <PERSON> flew to <CITY> Rome <CITY> . [SEP]"
    assert [written(row_of(encoded, row), tokenizer) for row in (0, 1)] == [
        first,
        "[CLS] we saw <CITY> Oslo <CITY> [SEP]",
    ]
    assert encoded.is_whole.all()


def test_adjacent_mentions_close_before_they_open(loaded: Any):
    tokenizer = loaded("bert").tokenizer
    encoded, _ = laid(corpus_of("[Ada](PERSON) [Rome](CITY)", "[Bo](PERSON)"), tokenizer)
    assert written(row_of(encoded, 0), tokenizer) == "[CLS] <PERSON> Ada <PERSON> <CITY> Rome <CITY> [SEP]"
    assert written(row_of(encoded, 1), tokenizer) == "[CLS] <PERSON> Bo <PERSON> [SEP]"


def test_a_mention_whose_edge_cuts_a_piece_has_no_marker_and_cannot_be_hidden(loaded: Any):
    for kind in KINDS:
        tokenizer = loaded(kind).tokenizer
        encoded, _ = laid(corpus_of("we sail[ed](CITY) to [Rome](CITY)"), tokenizer)
        assert written(row_of(encoded, 0), tokenizer).count("<CITY>") == 2
        assert encoded.is_whole.tolist() == [True, False, False, True, True]


@pytest.mark.parametrize("kind", KINDS)
def test_a_hidden_word_is_one_symbol_however_many_pieces_it_has(loaded: Any, kind: Any):
    tokenizer = loaded(kind).tokenizer
    encoded, tokenised = laid(corpus_of("we saw Adaberta today ."), tokenizer, Markers(0))
    assert kind == "bert" or encoded.stop[2] - encoded.first[2] > 1
    symbols, places = encoded.hide(0, [Gap(2, 3, tokenizer.mask_token_id)])
    assert places == [symbols.index(tokenizer.mask_token_id)]
    framed = tokenizer(["we saw today .", "we saw"])["input_ids"]
    assert len(symbols) == len(framed[0]) + 1
    assert symbols[: places[0]] == framed[1][:-1]
    assert tokenised.vocabulary[0][2] == "Adaberta"


def test_gaps_hide_all_tokens_in_them(loaded: Any):
    tokenizer = loaded("unigram").tokenizer
    encoded, _ = laid(corpus_of("[Ada](PERSON) flew to [Rome](CITY) on Monday ."), tokenizer, Markers(0))
    symbols, places = encoded.hide(0, [Gap(1, 3, 77), Gap(4, 6, 78)])
    assert [symbols[place] for place in places] == [77, 78]
    shown = [symbol for symbol in symbols if symbol not in (77, 78)]
    assert tokenizer.decode(shown, skip_special_tokens=True) == "Ada Rome ."
    assert tokenizer.decode(encoded.within(Gap(1, 3, 0))) == "flew to"


@pytest.mark.parametrize("kind", KINDS)
def test_what_looks_like_a_special_symbol_in_a_text_is_text(loaded: Any, kind: Any):
    tokenizer = loaded(kind).tokenizer
    encoded, _ = laid(corpus_of("[MASK] <mask> </s> <s> [SEP]"), tokenizer, Markers(0))
    inner = row_of(encoded, 0)[1:-1]
    assert not set(inner.tolist()) & (set(tokenizer.all_special_ids) - {tokenizer.unk_token_id})


@pytest.mark.parametrize("kind", KINDS)
@given(corpus=corpora())
def test_tokens_keep_their_place_in_any_corpus(loaded: Any, kind: Any, corpus: Corpus):
    tokenizer = loaded(kind).tokenizer
    encoded, tokenised = laid(corpus, tokenizer, Markers(9000, corpus.labels, corpus.classes))
    plain, _ = laid(corpus, tokenizer, Markers(0))
    rows = encoded.symbols.bounds
    assert len(encoded.symbols) == len(corpus)
    assert rows[-1] == len(encoded.symbols.values)
    for token in np.flatnonzero(encoded.is_whole).tolist():
        row = tokenised.row[token]
        assert rows[row] < encoded.first[token] < encoded.stop[token] < rows[row + 1]
        own = [each.symbols.values[each.first[token] : each.stop[token]].tolist() for each in (encoded, plain)]
        assert own[0] == own[1]
    unmarked = encoded.symbols.values[encoded.symbols.values < 9000]
    assert unmarked.tolist() == plain.symbols.values.tolist()
