"""The labeler for GLiNER: how texts are cut, and, where its package is, a model that has learnt nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsynth.corpus import Corpus
from textsynth.errors import MissingDependency, OptionError
from textsynth.labelers.gliner import Gliner, Word, cut_text
from textsynth.testing.labeler_checks import check_labeler


def words_of(text: str) -> list[Word]:
    return [(match[0], match.start(), match.end()) for match in re.finditer(r"\w+(?:[-_]\w+)*|\S", text)]


def test_long_texts_are_cut_at_sentences_if_there_are_any():
    text = "Ada came. Bo went away. Cy slept and ate and slept."
    pieces = [text[begin:end] for begin, end in cut_text(text, words_of(text), 6, "en")]
    assert pieces == ["Ada came. ", "Bo went away. ", "Cy slept and ate and slept", "."]


@given(st.text(st.sampled_from("ab .!?\n"), max_size=60), st.integers(1, 9))
def test_pieces_are_the_text_and_short_enough(text: str, most: int):
    pieces = [text[begin:end] for begin, end in cut_text(text, words_of(text), most, "en")]
    assert "".join(pieces) == (text if text.strip() else "")
    assert all(0 < len(words_of(piece)) <= most for piece in pieces)


def test_two_labels_with_one_meaning_are_refused():
    pytest.importorskip("gliner")
    with pytest.raises(OptionError, match="each with a meaning of its own"):
        Gliner(labels={"A": "person", "B": "person"}).load("en")


def test_a_missing_package_is_one_line():
    try:
        import gliner  # noqa: F401
    except ImportError:
        with pytest.raises(MissingDependency, match="the package gliner must be installed, is not; it wants"):
            Gliner().load("en")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of GLiNER that has learnt nothing."""
    gliner = pytest.importorskip("gliner")
    import tokenizers
    import torch
    import transformers
    from gliner.config import GLiNERConfig

    folder = tmp_path_factory.mktemp("gliner")
    known = "[PAD] [UNK] [CLS] [SEP] [MASK] Ada went to Oslo . nobody was there then left we saw person city".split()
    tokenizer = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({word: number for number, word in enumerate(known)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    special = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=64, **special).save_pretrained(
        folder / "encoder"
    )
    shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    torch.manual_seed(0)
    encoder = transformers.BertConfig(vocab_size=len(known), max_position_embeddings=128, **shape)
    transformers.BertModel(encoder).save_pretrained(folder / "encoder")
    config = GLiNERConfig(
        model_name=str(folder / "encoder"), max_width=3, hidden_size=16, max_len=8, vocab_size=-1, dropout=0.0
    )
    gliner.GLiNER.from_config(config).save_pretrained(folder / "model")
    return folder / "model"


def test_a_real_model_finds_in_long_texts_too(tiny: Path):
    labeler = Gliner(model=str(tiny), labels={"PERSON": "", "CITY": "city"}, threshold=0.0)
    corpus = Corpus.from_columns(text=["then Ada left . we saw Oslo . " * 4, "", "nobody was there ."])
    finder = labeler.load("en")
    findings = finder.find(corpus)
    assert finder.labels == {"PERSON", "CITY"}
    assert set(findings.labels.tolist()) <= finder.labels
    assert (findings.starts[findings.rows == 0] > 60).any()
    assert not (findings.rows == 1).any()
    assert findings.label(corpus).labels


def test_it_does_what_every_labeler_must(tiny: Path):
    check_labeler(Gliner(model=str(tiny), labels={"PERSON": "", "CITY": "city"}, threshold=0.3))


def test_what_is_no_model_is_refused_in_one_line(tmp_path: Path):
    pytest.importorskip("gliner")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(OptionError, match="option 'model' must be a model of GLiNER: "):
        Gliner(model=str(tmp_path)).load("en")
