"""Tokens of scripts without spaces: they follow from the text, whatever spans there are."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsynth.corpus import Corpus
from textsynth.corpus.grapheme import list_grapheme_starts
from textsynth.corpus.tokens import tokenize, warn_of_splits
from textsynth.errors import OptionError

CHINESE = "我们 今天 在 北京 的 公园 看见 周丽 和 她的 朋友 去了 上海 买 三本 书 然后 坐 车 回家 葛\U000e0100西".split()
THAI = "วันนี้ ฉัน ไป กรุงเทพฯ กับ เพื่อน ที่ ตลาด น้ำ ซื้อ ผลไม้ แล้ว กลับ บ้าน สมชาย ทำงาน เชียงใหม่ ดี".split()
OTHERS = "ພາສາລາວ ວຽງຈັນ ຄຳ ភ្នំពេញ ជាទីក្រុង ရန်ကုန် မြို့သို့ 東京 タワー へ か\u3099 ﾄﾞｱ 𠮷野家".split()
SPACED = "IBM don't 5G 서울 Zoë 😀 ， 。 - ".split(" ")


def make_sentences(words: Sequence[str], count: int, seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    return ["".join(rng.choice(words, size=rng.integers(2, 15))) for _ in range(count)]


def draw_spans(text: str, rng: np.random.Generator) -> list[tuple[int, int, str]]:
    """Draws spans at the edges of graphemes, none of which begins or ends with white space or cuts a spaced word."""
    edges = list_grapheme_starts(text)
    drawn = sorted(rng.choice(edges, size=2 * int(rng.integers(0, 1 + len(edges) // 4)), replace=False).tolist())
    return [(start, end, "X") for start, end in zip(drawn[::2], drawn[1::2], strict=True)]


@pytest.mark.parametrize("tokenizer", ["words", "whitespace"])
@pytest.mark.parametrize("words", [CHINESE, THAI, OTHERS])
def test_a_thousand_sentences_have_the_same_tokens_with_and_without_spans(words: list[str], tokenizer: str):
    texts, rng = make_sentences(words, 1000, 1), np.random.default_rng(2)
    spans = [draw_spans(text, rng) for text in texts]
    assert sum(map(len, spans)) > 500
    bare, spanned = (
        tokenize(Corpus.from_columns(text=texts, spans=each, tokenizer=tokenizer)) for each in (None, spans)
    )
    assert spanned.lists().equals(bare.lists())
    assert spanned.splitting == 0
    assert bare.lists().to_pylist()[0] == [
        texts[0][start:end] for start, end in zip(*[list_grapheme_starts(texts[0])[at:] for at in (0, 1)], strict=False)
    ]


@given(st.lists(st.sampled_from(CHINESE + THAI + OTHERS + SPACED), min_size=1, max_size=8), st.data())
def test_a_span_at_edges_of_tokens_changes_no_token(words: list[str], data: st.DataObject):
    text = "".join(words)
    bare = tokenize(Corpus.from_columns(text=[text]))
    if not len(bare.starts):
        return
    first = data.draw(st.integers(0, len(bare.starts) - 1))
    last = data.draw(st.integers(first, len(bare.starts) - 1))
    span = (int(bare.starts[first]), int(bare.ends[last]), "X")
    spanned = tokenize(Corpus.from_columns(text=[text], spans=[[span]]))
    assert spanned.lists().equals(bare.lists())
    assert (spanned.first.tolist(), spanned.stop.tolist()) == ([first], [last + 1])


@given(st.lists(st.sampled_from(CHINESE + THAI + OTHERS + SPACED + [" "]), min_size=1, max_size=8))
def test_tokens_are_all_of_a_text_but_its_white_space(words: list[str]):
    text = "".join(words)
    for tokenizer in ("words", "whitespace"):
        tokens = tokenize(Corpus.from_columns(text=[text], tokenizer=tokenizer)).lists().to_pylist()[0]
        assert "".join(tokens) == "".join(text.split())


def cut(text: str, tokenizer: str = "words") -> list[str]:
    tokens: list[str] = tokenize(Corpus.from_columns(text=[text], tokenizer=tokenizer)).lists().to_pylist()[0]
    return tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("我在IBM工作。", ["我", "在", "IBM", "工", "作", "。"]),
        ("น้ำใจ", ["น้ำ", "ใ", "จ"]),
        ("葛\U000e0100飾abc", ["葛\U000e0100", "飾", "abc"]),
        ("か\u3099き", ["か\u3099", "き"]),
        ("서울에서 만나", ["서울에서", "만나"]),
        ("Việt Nam", ["Việt", "Nam"]),
        ("Mr 周杰倫 sings, don't", ["Mr", "周", "杰", "倫", "sings", ",", "don", "'", "t"]),
        (" \u0e31x", ["\u0e31", "x"]),
    ],
)
def test_by_hand(text: str, tokens: list[str]):
    assert cut(text) == tokens


def test_tokens_that_came_with_an_english_text_stay_whatever_names_it_has():
    assert cut("Mr 周杰倫 sings well , don't", "whitespace") == ["Mr", "周杰倫", "sings", "well", ",", "don't"]


def test_a_text_whose_tokens_were_joined_falls_into_characters():
    assert cut("周杰倫在COVID-19的時候，唱歌。", "whitespace") == [*"周杰倫在", "COVID-19", *"的時候，唱歌。"]
    assert cut("我 爱 北京", "whitespace") == ["我", "爱", "北京"]


def test_a_span_inside_a_word_splits_it_and_is_counted(caplog: pytest.LogCaptureFixture):
    corpus = Corpus.from_columns(
        text=["re-Anna", "Annas", "Bobby"], spans=[[(3, 7, "P")], [(0, 4, "P")], [(1, 3, "P")]]
    )
    table = tokenize(corpus)
    assert table.lists().to_pylist() == [["re", "-", "Anna"], ["Anna", "s"], ["B", "ob", "by"]]
    assert table.splitting == 2
    with caplog.at_level(logging.WARNING):
        warn_of_splits("here", 0)
        corpus.to_dataset("token-classification")
    assert [each.getMessage()[:46] for each in caplog.records] == ["dataset: 2 spans begin or end inside a token, "]


@pytest.mark.heavy  # loads spaCy
def test_a_tokenizer_of_spacys_cuts_the_text():
    pytest.importorskip("spacy")
    corpus = Corpus.from_columns(text=["I don't  know", "周在"]).with_tokenizer("spacy:en")
    assert tokenize(corpus).lists().to_pylist() == [["I", "do", "n't", "know"], ["周在"]]
    assert corpus.to_dataset("token-classification")["tokens"][0] == ["I", "do", "n't", "know"]
    spanned = Corpus.from_columns(text=["I don't"], spans=[[(2, 4, "X")]], tokenizer="en")
    assert spanned.tokenizer == "spacy:en"
    assert tokenize(spanned).splitting == 0


@pytest.mark.heavy  # loads spaCy
def test_a_tokenizer_of_spacys_is_given_long_texts_in_pieces():
    pytest.importorskip("spacy")
    text = "Ada didn't go.\n\n" * 4000
    assert cut(text, "spacy:en") == ["Ada", "did", "n't", "go", "."] * 4000


@pytest.mark.heavy  # loads spaCy
@pytest.mark.parametrize("name", ["word", "spacy:klingon", "xx_no_such_model"])
def test_an_unknown_tokenizer_is_refused(name: str):
    pytest.importorskip("spacy")
    with pytest.raises(OptionError, match=r"the tokenizer '[\w]+' must be 'words', 'whitespace', or a spaCy pipeline"):
        Corpus.from_columns(text=["x"]).with_tokenizer(name)
