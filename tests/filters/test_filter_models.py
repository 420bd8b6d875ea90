"""Filters that take a model which somebody has trained: toxicity by a classifier, fluency by a language model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import toy

from textsynth.corpus import Corpus
from textsynth.errors import InputError, OptionError
from textsynth.extract import Resources
from textsynth.filters.fluency import Fluency
from textsynth.filters.toxicity import Toxicity
from textsynth.foundation.seeding import child_rng
from textsynth.generators import LanguageModel

pytestmark = pytest.mark.heavy

TEXTS = ("Ada went to Oslo .", "nobody was there .", "then Ada left .", "")


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny transformer that has learnt nothing, with two classes."""
    import torch
    import transformers
    from tiny_tagger import tiny_tagger

    folder = tmp_path_factory.mktemp("classifier")
    torch.manual_seed(1)
    config = transformers.AutoConfig.from_pretrained(
        tiny_tagger(), id2label={0: "neutral", 1: "Toxic"}, label2id={"neutral": 0, "Toxic": 1}, initializer_range=0.5
    )
    transformers.BertForSequenceClassification(config).eval().save_pretrained(folder)
    transformers.AutoTokenizer.from_pretrained(tiny_tagger()).save_pretrained(folder)
    return folder


def test_toxicity_asks_the_model_and_the_list(classifier: Path, tmp_path: Path):
    import torch
    import transformers

    model = transformers.AutoModelForSequenceClassification.from_pretrained(classifier)
    tokenizer = transformers.AutoTokenizer.from_pretrained(classifier)
    with torch.inference_mode():
        chances = [float(model(**tokenizer(text, return_tensors="pt")).logits.softmax(-1)[0, 1]) for text in TEXTS]
    line = float(np.mean(sorted(chances)[1:3]))
    filter = Toxicity(model=str(classifier), words=("nobody",), line=line)
    filter.fit(Resources.of(Corpus.empty()), tmp_path, child_rng(0))
    expected = ["a model finds it toxic" if chance > line else None for chance in chances]
    expected[1] = "has a word of the list"
    assert filter.judge(tmp_path)(Corpus.from_columns(text=TEXTS)) == expected


def test_a_class_that_the_model_has_not_is_refused(classifier: Path, tmp_path: Path):
    with pytest.raises(OptionError, match=r"option 'classes': .* has neutral, toxic, was: 'hate'"):
        Toxicity(model=str(classifier), classes=("hate",)).fit(Resources.of(Corpus.empty()), tmp_path, child_rng(0))


def test_fluency_takes_a_trained_language_model(tmp_path: Path):
    source, model, folder = toy.source(4), tmp_path / "model", tmp_path / "filter"
    model.mkdir()
    folder.mkdir()
    trained = LanguageModel(network={"hidden": 32, "embedding": 32}, training={"epochs": 12})  # type: ignore[arg-type]
    trained.fit(Resources.of(source), model, child_rng(1))
    filter = Fluency(model=Path("model"), keep=0.9).resolve_paths(tmp_path)
    filter.fit(Resources.of(source), folder, child_rng(0))
    dropped = [reason is not None for reason in filter.judge(folder)(source)]
    assert sum(dropped) <= round(0.1 * len(source)) + 1
    rng = np.random.default_rng(0)
    scrambled = [" ".join(rng.permutation(text.split())) for text in source.texts.to_pylist()]
    made = Corpus.from_columns(text=scrambled, label=source.table.column("label").to_pylist())
    assert sum(reason is not None for reason in filter.judge(folder)(made)) > 2 * sum(dropped)
    unknown = Corpus.from_columns(text=["Ada"], spans=[[(0, 3, "NO_SUCH_LABEL")]])
    assert filter.judge(folder)(unknown) == [None]


def test_a_directory_without_a_language_model_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match=r"option 'model': .* must be a directory with a language model, is none"):
        Fluency(model=tmp_path).fit(Resources.of(toy.source(4)), tmp_path, child_rng(0))
