"""Tiny transformers with real weights: two layers, a tokenizer of their own, trained for seconds on a toy language.

A model is built when it is first asked for, by one process for all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from shared_work import build_once
from tiny_language import LABELS, SENTINELS, SLOTS, pairs, texts

from textsynth.foundation.seeding import child_rng

Kind = Literal["bert", "roberta", "unigram", "gpt", "t5", "bart", "paraphraser", "forth", "back", "byt5", "marian"]

Batches = Callable[[np.random.Generator], dict[str, Any]]
Teach = Callable[[Any, Batches, str], None]
"""What trains a network on batches; the string says in what."""

_CHAT = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}{{ eos_token }}{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)


class _Course(NamedTuple):
    """How a model is trained: in cycles of steps, until it is good enough on every processor for what tests rely on."""

    steps: int
    enough: float
    """Nats a symbol of sentences not seen."""
    rate: float = 4e-3
    """The highest of a cycle."""


_COURSES = {
    "t5": _Course(220, 0.55),
    "bart": _Course(350, 0.42),
    "paraphraser": _Course(120, 0.06),
    "forth": _Course(120, 0.06),
    "back": _Course(120, 0.06),
    "masked": _Course(180, 0.9),
    "causal": _Course(180, 0.95),
    "chat": _Course(150, 0.12, 7e-3),
}
_MOST_CYCLES = 4


def model(kind: Kind) -> str:
    """Returns the directory of a tiny model, and trains it if it is not there yet."""
    return str(build_once(kind, lambda directory: _BUILD[kind](directory, train)))


def untrained(kind: Kind) -> str:
    """Returns the directory of a tiny model with its tokenizer, for tests that need nothing it would learn."""
    return str(build_once(f"{kind} untrained", lambda directory: _BUILD[kind](directory, _leave)))


def _word_piece(texts: Sequence[str]) -> Any:
    """Returns a tokenizer as BERT's: later pieces of a word begin with ##."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=600, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator([*texts, *LABELS], trainer)
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", None, [("[CLS]", 2), ("[SEP]", 3)])
    names = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
    return _wrapped(tokenizer, dict(zip(names, special, strict=True)))


def _byte_level(texts: Sequence[str], special: dict[str, str], frame: str) -> Any:
    """Returns a tokenizer as GPT-2's and RoBERTa's: pieces of bytes, a space belongs to the word after it."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    names = _special_tokens(special)
    trainer = trainers.BpeTrainer(vocab_size=700, special_tokens=names, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([*texts, *LABELS, *(f" {label}" for label in LABELS)], trainer)
    tokenizer.post_processor = _framing(frame, special)
    return _wrapped(tokenizer, special)


def _unigram(texts: Sequence[str], special: dict[str, str], frame: str, more: Sequence[str] = ()) -> Any:
    """Returns a tokenizer as T5's and XLM-R's: a piece that begins a word begins with a bar for the space before it."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    words = sorted({word for text in [*texts, *LABELS, *SLOTS] for word in text.split()})
    letters = sorted({letter for word in words for letter in word} | set("abcdefghijklmnopqrstuvwxyz\u2581"))
    names = [*dict.fromkeys(special.values()), *more]
    scored = [(name, 0.0) for name in names] + [(letter, -9.0) for letter in letters]
    scored += [(f"\u2581{word}", -2.0) for word in words if len(word) > 1]
    scored += [(word, -6.0) for word in words if len(word) > 2]
    tokenizer = Tokenizer(models.Unigram(scored, names.index(special["unk_token"]), byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens(_special_tokens(special) + list(more))
    tokenizer.post_processor = _framing(frame, special)
    return _wrapped(tokenizer, special, more)


def _special_tokens(special: dict[str, str]) -> list[Any]:
    from tokenizers import AddedToken

    names = dict.fromkeys(special.values())
    return [AddedToken(name, lstrip=name == "<mask>", special=True, normalized=False) for name in names]


def _framing(frame: str, special: dict[str, str]) -> Any:
    from tokenizers import processors

    names = list(dict.fromkeys(special.values()))
    inside = [(name, names.index(name)) for name in names if name in frame]
    return processors.TemplateProcessing(frame, None, inside)


def _wrapped(tokenizer: Any, special: dict[str, str], more: Sequence[str] = ()) -> Any:
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=64, additional_special_tokens=list(more), **special
    )


def _build_masked(directory: Path, teach: Teach, tokenizer: Any, family: str) -> None:
    import transformers

    config = getattr(transformers, f"{family}Config")(
        vocab_size=len(tokenizer),
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=128,
        max_position_embeddings=64 + 2,
        pad_token_id=tokenizer.pad_token_id,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    network = make(getattr(transformers, f"{family}ForMaskedLM"), config)
    teach(network, _mask_batches(tokenizer, texts()), "masked")
    _save(directory, network, tokenizer)


def _build_gpt(directory: Path, teach: Teach) -> None:
    from transformers import LlamaConfig, LlamaForCausalLM

    special = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
    tokenizer = _byte_level(texts(), special, "<s> $A")
    tokenizer.chat_template = _CHAT
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=256,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    network = make(LlamaForCausalLM, config)
    rows = [[*ids, tokenizer.eos_token_id] for ids in tokenizer(texts()).input_ids]
    teach(network, _causal_batches(rows, tokenizer.pad_token_id), "causal")
    _save(directory, network, tokenizer)


def _build_pairs(directory: Path, teach: Teach, kind: str) -> None:
    """Builds an encoder with a decoder: T5, or BART for "bart"."""
    special = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    known = [text for pair in pairs(kind, child_rng(6, "text"), 400) for text in pair]
    if kind == "bart":
        special = {"bos_token": "<s>", **special, "mask_token": "<mask>"}
        tokenizer = _byte_level(texts(), special, "<s> $A </s>")
    else:
        tokenizer = _unigram([*texts(), *known], special, "$A </s>", SENTINELS)
    network = make(*_seq2seq(tokenizer, bart=kind == "bart"))
    teach(network, _pair_batches(tokenizer, kind), kind)
    _save(directory, network, tokenizer)


def _seq2seq(tokenizer: Any, *, bart: bool) -> tuple[Any, Any]:
    import transformers

    if not bart:
        config = transformers.T5Config(
            vocab_size=len(tokenizer),
            d_model=64,
            d_kv=16,
            d_ff=128,
            num_layers=2,
            num_heads=4,
            dropout_rate=0.0,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
            decoder_start_token_id=tokenizer.pad_token_id,
        )
        return transformers.T5ForConditionalGeneration, config
    starts = {"bos_token_id": tokenizer.bos_token_id, "decoder_start_token_id": tokenizer.eos_token_id}
    return transformers.BartForConditionalGeneration, transformers.BartConfig(**_bart_settings(tokenizer), **starts)


def _bart_settings(tokenizer: Any) -> dict[str, Any]:
    """Returns the settings that BART and Marian, which is built like it, have in common."""
    sizes = {"layers": 2, "attention_heads": 4, "ffn_dim": 128}
    return {
        "vocab_size": len(tokenizer),
        "d_model": 64,
        "dropout": 0.0,
        "max_position_embeddings": 64,
        "pad_token_id": tokenizer.pad_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "forced_eos_token_id": None,
        **{f"{part}_{name}": size for part in ("encoder", "decoder") for name, size in sizes.items()},
    }


def _build_byt5(directory: Path, _: Teach) -> None:
    """Builds a T5 that has learnt nothing, with a tokenizer that is written in Python: bytes."""
    from transformers import ByT5Tokenizer

    tokenizer = ByT5Tokenizer(model_max_length=64)
    _save(directory, make(*_seq2seq(tokenizer, bart=False)), tokenizer)


def _build_marian(directory: Path, _: Teach) -> None:
    """Builds a translator that has learnt nothing, with a tokenizer that is written in Python: two of SentencePiece."""
    import transformers

    tokenizer = _two_sentence_pieces(directory)
    config = transformers.MarianConfig(**_bart_settings(tokenizer), decoder_start_token_id=tokenizer.pad_token_id)
    _save(directory, make(transformers.MarianMTModel, config), tokenizer)


def _two_sentence_pieces(directory: Path) -> Any:
    """Returns a tokenizer as Marian's, whose two vocabularies are the same here."""
    import sentencepiece
    from transformers import MarianTokenizer

    spm, vocabulary = directory / "source.spm", directory / "vocab.json"
    with spm.open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter([*texts(), *SLOTS]),
            model_writer=file,
            vocab_size=100,
            hard_vocab_limit=False,
            character_coverage=1.0,
            minloglevel=3,
        )
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(spm))
    names = [pieces.id_to_piece(number) for number in range(pieces.get_piece_size())]
    special = ["</s>", "<unk>", *(name for name in names if name not in ("<s>", "</s>", "<unk>")), "<pad>"]
    vocabulary.write_text(json.dumps({name: number for number, name in enumerate(special)}))
    return MarianTokenizer(str(spm), str(spm), str(vocabulary), model_max_length=64)


def _mask_batches(tokenizer: Any, texts: Sequence[str]) -> Batches:
    import torch

    rows = tokenizer(list(texts), return_special_tokens_mask=True)

    def batch(rng: np.random.Generator) -> dict[str, Any]:
        chosen = rng.integers(len(texts), size=64)
        ids = _padded([rows.input_ids[row] for row in chosen], tokenizer.pad_token_id)
        special = _padded([rows.special_tokens_mask[row] for row in chosen], 1)
        hidden = (torch.from_numpy(rng.random(ids.shape)) < 0.25) & (special == 0)
        shown = ids.masked_fill(hidden, tokenizer.mask_token_id)
        attended = (ids != tokenizer.pad_token_id).long()
        return {"input_ids": shown, "attention_mask": attended, "labels": ids.masked_fill(~hidden, -100)}

    return batch


def _causal_batches(rows: Sequence[Sequence[int]], pad: int) -> Batches:
    def batch(rng: np.random.Generator) -> dict[str, Any]:
        ids = _padded([rows[row] for row in rng.integers(len(rows), size=64)], pad)
        return {"input_ids": ids, "attention_mask": (ids != pad).long(), "labels": ids.masked_fill(ids == pad, -100)}

    return batch


def _pair_batches(tokenizer: Any, kind: str) -> Batches:
    pad = tokenizer.pad_token_id

    def batch(rng: np.random.Generator) -> dict[str, Any]:
        read, wanted = zip(*pairs(kind, rng, 48), strict=True)
        ids, labels = (_padded(tokenizer(list(texts)).input_ids, pad) for texts in (read, wanted))
        attended = (ids != pad).long()
        return {"input_ids": ids, "attention_mask": attended, "labels": labels.masked_fill(labels == pad, -100)}

    return batch


def _padded(rows: Sequence[Sequence[int]], filler: int) -> Any:
    import torch

    longest = max(map(len, rows))
    return torch.tensor([[*row, *[filler] * (longest - len(row))] for row in rows])


def make(cls: Any, config: Any) -> Any:
    from textsynth.training.loop import seed_torch

    with seed_torch(3, "tiny"):
        return cls(config)


def train(network: Any, batch: Batches, what: str) -> None:
    """Trains until sentences not seen cost little enough, so that the model is as good on every processor."""
    from textsynth.training.device import one_thread
    from textsynth.training.loop import seed_torch

    course, rng = _COURSES[what], child_rng(4, "tiny")
    with one_thread(), seed_torch(4, "tiny"):
        for _ in range(_MOST_CYCLES):
            _train_cycle(network, batch, course, rng)
            if (loss := _examine(network, batch)) <= course.enough:
                return
    raise AssertionError(f"{what}: must cost at most {course.enough} nats a symbol, costs {loss:.3f}")


def _train_cycle(network: Any, batch: Batches, course: _Course, rng: np.random.Generator) -> None:
    """Takes steps whose rate rises and falls to almost nothing."""
    import torch

    optimiser = torch.optim.AdamW(network.parameters(), lr=course.rate, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, course.rate, total_steps=course.steps)
    network.train()
    for _ in range(course.steps):
        optimiser.zero_grad()
        network(**batch(rng)).loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()


def _examine(network: Any, batch: Batches) -> float:
    """Returns the mean loss of four batches that are the same each time."""
    import torch

    network.eval()
    rng = child_rng(5, "examined")
    with torch.inference_mode():
        return float(np.mean([network(**batch(rng)).loss.item() for _ in range(4)]))


def _save(directory: Path, network: Any, tokenizer: Any) -> None:
    from transformers.utils import logging

    logging.disable_progress_bar()
    network.eval().save_pretrained(directory)
    tokenizer.save_pretrained(directory)
    logging.enable_progress_bar()


def _masked_special() -> dict[str, str]:
    return {"bos_token": "<s>", "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>", "mask_token": "<mask>"}


def _leave(network: Any, batch: Batches, what: str) -> None:
    """Teaches nothing."""


_BUILD: dict[str, Callable[[Path, Teach], None]] = {
    "bert": lambda directory, teach: _build_masked(directory, teach, _word_piece(texts()), "Bert"),
    "roberta": lambda directory, teach: _build_masked(
        directory, teach, _byte_level(texts(), _masked_special(), "<s> $A </s>"), "Roberta"
    ),
    "unigram": lambda directory, teach: _build_masked(
        directory, teach, _unigram(texts(), _masked_special(), "<s> $A </s>"), "XLMRoberta"
    ),
    "gpt": _build_gpt,
    "byt5": _build_byt5,
    "marian": _build_marian,
    **{
        kind: lambda directory, teach, kind=kind: _build_pairs(directory, teach, kind)
        for kind in ("t5", "bart", "paraphraser", "forth", "back")
    },
}


def kinds() -> Iterator[str]:
    """Yields the names of all tiny models."""
    yield from _BUILD
