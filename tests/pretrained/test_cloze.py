from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from textsynth.pretrained.masked.cloze import Cloze, group_by_length  # noqa: E402


@pytest.mark.parametrize("kind", ["bert", "roberta", "unigram"])
def test_some_places_have_the_logits_that_the_whole_model_gives(loaded: Any, kind: Any):
    pretrained = loaded(kind)
    cloze = Cloze(pretrained.model, pretrained.tokenizer.pad_token_id)
    assert cloze._is_sparse
    sentences = pretrained.tokenizer(["we saw Ada today .", "send two lamps to Bo !", "we saw"])["input_ids"]
    with torch.inference_mode():
        some = cloze.logits(sentences, [[2, 4], [], [1]])
        for row, (sentence, place) in enumerate([(0, 2), (0, 4), (2, 1)]):
            alone = pretrained.model(input_ids=torch.tensor([sentences[sentence]])).logits[0, place]
            assert torch.allclose(some[row], alone, atol=1e-4)


def test_a_model_whose_head_needs_all_places_is_asked_for_all(loaded: Any):
    pretrained = loaded("bert")

    class Whole(torch.nn.Module):
        """Mixes all places of a sentence, above its body."""

        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.inner, self.base_model = inner, inner.base_model

        def forward(self, **inputs: Any) -> Any:
            output = self.inner(**inputs)
            output.logits = output.logits + output.logits.mean(dim=1, keepdim=True)
            return output

    model = Whole(pretrained.model)
    cloze = Cloze(model, pretrained.tokenizer.pad_token_id)
    assert not cloze._is_sparse
    sentence = pretrained.tokenizer("we saw Ada")["input_ids"]
    with torch.inference_mode():
        whole = model(input_ids=torch.tensor([sentence])).logits[0, 2]
        assert torch.allclose(cloze.logits([sentence], [[2]])[0], whole)


def test_batches_have_all_sentences_by_length():
    lengths = np.array([5, 600, 5, 5000, 7, 600])
    found = list(group_by_length(lengths))
    assert np.concatenate(found).tolist() == [0, 2, 4, 1, 5, 3]
    assert [len(batch) for batch in found] == [3, 1, 1, 1]
    assert list(group_by_length(np.zeros(0, np.int64))) == []
