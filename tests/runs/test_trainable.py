"""What a run delivers trains a transformers token classifier."""

from __future__ import annotations

from collections import Counter
from typing import Any

import datasets
import pytest
from workbench import call, write_recipe, write_source

torch = pytest.importorskip("torch")
tokenizers = pytest.importorskip("tokenizers")
transformers = pytest.importorskip("transformers")

NO_LABEL = -100


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> datasets.DatasetDict:
    folder = tmp_path_factory.mktemp("training")
    write_source(folder / "source.jsonl")
    export = {"task": "token-classification", "validation": 0.1}
    path = write_recipe(folder / "recipe.toml", count=120, export=export)
    assert call("run", path, "--out", folder / "out", "--quiet", "--allow-fewer").code == 0
    return datasets.load_from_disk(folder / "out" / "dataset")


def learned_tokenizer(split: Any) -> Any:
    """A WordPiece tokenizer that knows nothing but the corpus: its characters, and the commonest of its words.

    The trainer of `tokenizers` learns other pieces each time.
    """
    counts = Counter(word for text in split["text"] for word in text.split())
    characters = sorted({character for word in counts for character in word})
    words = sorted(counts, key=lambda word: (-counts[word], word))
    pieces = ["[PAD]", "[UNK]", *characters, *(f"##{each}" for each in characters), *words]
    vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys(pieces[:300]))}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]")


def aligned(rows: Any, tokenizer: Any) -> Any:
    """Gives the first piece of each token its tag, as the transformers course does."""
    encoded = tokenizer(rows["tokens"], is_split_into_words=True)
    encoded["labels"] = []
    for number, tags in enumerate(rows["ner_tags"]):
        words = encoded.word_ids(number)
        first = [word is not None and word not in words[:place] for place, word in enumerate(words)]
        encoded["labels"].append([tags[word] if here else NO_LABEL for word, here in zip(words, first, strict=True)])
    return encoded


def test_the_loss_of_a_token_classifier_falls(delivered: datasets.DatasetDict):
    names = delivered["train"].features["ner_tags"].feature.names
    tokenizer = learned_tokenizer(delivered["train"])
    columns = delivered["train"].column_names
    ready = delivered.map(aligned, batched=True, remove_columns=columns, fn_kwargs={"tokenizer": tokenizer})
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        num_labels=len(names),
        id2label=dict(enumerate(names)),
    )
    model = transformers.BertForTokenClassification(config)
    collate = transformers.DataCollatorForTokenClassification(tokenizer)
    batches = torch.utils.data.DataLoader(ready["train"], batch_size=16, collate_fn=collate)
    before, after = loss(model, ready["validation"], collate), 0.0
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    model.train()
    for _ in range(6):
        for batch in batches:
            optimizer.zero_grad()
            model(**batch).loss.backward()
            optimizer.step()
    after = loss(model, ready["validation"], collate)
    assert after < 0.5 * before


def loss(model: Any, split: Any, collate: Any) -> float:
    model.eval()
    with torch.no_grad():
        return float(model(**collate([split[number] for number in range(len(split))])).loss)
