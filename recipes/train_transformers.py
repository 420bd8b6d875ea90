"""Trains a transformer on the dataset of a run: a tagger of mentions, or a classifier of texts.

    python recipes/train_transformers.py out/augment_ner --out out/augment_ner_model
    python recipes/train_transformers.py out/classify --out out/classify_model --model path/to/distilbert

The run needs task = "token-classification" or "text-classification" under [export]. Without --model, a small BERT and
its tokenizer are trained from scratch, with nothing to download; with it, a pretrained model is fine-tuned, which is
better: a directory, or an id on the hub. It takes `pip install 'textsynth-corpora[torch]'`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

SPECIAL = {
    "unk_token": "[UNK]",
    "pad_token": "[PAD]",
    "cls_token": "[CLS]",
    "sep_token": "[SEP]",
    "mask_token": "[MASK]",
}
VOCABULARY, LONGEST, IGNORED = 8000, 256, -100


def main() -> None:
    """Reads the arguments, trains, tells the scores and saves the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="the directory of a finished run")
    parser.add_argument("--out", type=Path, required=True, help="where the model is saved")
    parser.add_argument("--model", help="a pretrained model: a directory or an id on the hub")
    parser.add_argument("--epochs", type=float, default=5)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, help="the learning rate; 5e-5 for a pretrained model, else 5e-4")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    splits = datasets.load_from_disk(str(arguments.run / "dataset"))
    features = splits["train"].features
    tagging = "ner_tags" in features
    column = features["ner_tags"].feature if tagging else features.get("label")
    if not isinstance(column, datasets.ClassLabel):
        sys.exit(f"{arguments.run}: must have tags or one class a text; the recipe needs a task under [export]")
    names = column.names
    transformers.set_seed(arguments.seed)
    tokenizer, model = load(arguments.model, splits["train"]["text"], names, tagging)
    encode = (
        (lambda batch: encode_tokens(tokenizer, batch)) if tagging else (lambda batch: encode_texts(tokenizer, batch))
    )
    encoded = splits.map(encode, batched=True, remove_columns=splits["train"].column_names)
    collator = transformers.DataCollatorForTokenClassification if tagging else transformers.DataCollatorWithPadding
    trainer = transformers.Trainer(
        model=model,
        args=transformers.TrainingArguments(
            output_dir=str(arguments.out / "checkpoints"),
            num_train_epochs=arguments.epochs,
            per_device_train_batch_size=arguments.batch,
            learning_rate=arguments.rate or (5e-5 if arguments.model else 5e-4),
            save_strategy="no",
            report_to="none",
            seed=arguments.seed,
        ),
        data_collator=collator(tokenizer),
        train_dataset=encoded["train"],
        compute_metrics=lambda scored: measure(scored, tagging, names),
    )
    trainer.train()
    if len(encoded) == 1:
        print("the run has no other split than train, so nothing tells how good the model is")
    for split in [name for name in encoded if name != "train"]:
        print(split, {name: round(score, 4) for name, score in trainer.evaluate(encoded[split]).items()})
    trainer.save_model(str(arguments.out))
    tokenizer.save_pretrained(str(arguments.out))


def load(name: str | None, texts: Any, names: list[str], tagging: bool) -> tuple[Any, Any]:
    """Returns a tokenizer and a model: pretrained ones, or a tokenizer of these texts and a small BERT, both new."""
    auto = transformers.AutoModelForTokenClassification if tagging else transformers.AutoModelForSequenceClassification
    labels = {"id2label": dict(enumerate(names)), "label2id": {name: number for number, name in enumerate(names)}}
    if name is not None:
        return transformers.AutoTokenizer.from_pretrained(name), auto.from_pretrained(name, **labels)
    tokenizer = train_tokenizer(texts)
    config = transformers.BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=512,
        max_position_embeddings=LONGEST,
        pad_token_id=tokenizer.pad_token_id,
        **labels,
    )
    return tokenizer, auto.from_config(config)


def train_tokenizer(texts: Any) -> Any:
    """Returns a WordPiece tokenizer of these texts."""
    tokenizer = Tokenizer(models.WordPiece(unk_token=SPECIAL["unk_token"]))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=VOCABULARY, special_tokens=list(SPECIAL.values()))
    tokenizer.train_from_iterator(texts, trainer)
    return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=LONGEST, **SPECIAL)


def encode_tokens(tokenizer: Any, batch: dict[str, Any]) -> Any:
    """Encodes tokens; the first piece of each bears its tag, and no other piece counts."""
    encoded = tokenizer(batch["tokens"], is_split_into_words=True, truncation=True)
    encoded["labels"] = []
    for row, tags in enumerate(batch["ner_tags"]):
        words = encoded.word_ids(row)
        pairs = zip(words, [None, *words[:-1]], strict=True)
        encoded["labels"].append([IGNORED if word is None or word == before else tags[word] for word, before in pairs])
    return encoded


def encode_texts(tokenizer: Any, batch: dict[str, Any]) -> Any:
    """Encodes texts with the numbers of their classes."""
    encoded = tokenizer(batch["text"], truncation=True)
    encoded["labels"] = batch["label"]
    return encoded


def measure(scored: Any, tagging: bool, names: list[str]) -> dict[str, float]:
    """Returns the share of classes that are right, or of tags that are, and of the mentions found and to be found."""
    found, right = np.argmax(scored.predictions, axis=-1), scored.label_ids
    counted = right != IGNORED
    scores = {"accuracy": float((found == right)[counted].mean())}
    if tagging:
        ours, gold = (find_all_mentions(np.where(counted, tags, IGNORED), names) for tags in (found, right))
        scores["f1"] = 2 * len(ours & gold) / max(1, len(ours) + len(gold))
    return scores


def find_all_mentions(rows: Any, names: list[str]) -> set[tuple[int, int, int, str]]:
    """Returns row, begin, end and label of each mention that tags of the scheme IOB2 say."""
    return {(number, *mention) for number, tags in enumerate(rows) for mention in find_mentions(tags, names)}


def find_mentions(tags: Any, names: list[str]) -> list[tuple[int, int, str]]:
    """Returns begin, end and label of each mention of a text; pieces that do not count are left out."""
    mentions: list[tuple[int, int, str]] = []
    for place, name in enumerate(names[tag] for tag in tags if tag != IGNORED):
        kind, _, label = name.partition("-")
        if kind == "I" and mentions and mentions[-1][1:] == (place, label):
            mentions[-1] = (mentions[-1][0], place + 1, label)
        elif kind != "O":
            mentions.append((place, place + 1, label))
    return mentions


if __name__ == "__main__":
    main()
