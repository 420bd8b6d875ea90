from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from textsynth.training.loop import seed_torch  # noqa: E402
from textsynth.wording.decoder import Decoder, Kind, Shape, decoder_of  # noqa: E402

KINDS: list[Kind] = ["gru", "lstm", "transformer"]

every_decoder = pytest.mark.parametrize(("kind", "condition"), [(kind, width) for kind in KINDS for width in (0, 3)])


def built(kind: Kind, condition: int, **sizes: int) -> tuple[Decoder, Any, Any]:
    """A decoder with random weights, four sentences of seven symbols, and conditions."""
    with seed_torch(1, kind):
        decoder = decoder_of(Shape(kind, 12, 9, 16, 8, longest=9, dropout=0.5, condition=condition, **sizes)).eval()
        return decoder, torch.randint(12, (4, 7)), torch.randn(4, condition)


@every_decoder
@torch.inference_mode()
def test_step_by_step_is_the_same_as_all_at_once(kind: Kind, condition: int):
    decoder, symbols, shown = built(kind, condition)
    whole = decoder(symbols, shown)
    assert whole.shape == (4, 7, 9)
    state = decoder.begin(shown)
    for place in range(7):
        logits, state = decoder.step(symbols[:, place], shown, state)
        assert torch.allclose(logits, whole[:, place], atol=1e-5)


@every_decoder
@torch.inference_mode()
def test_some_sentences_go_on_without_the_others(kind: Kind, condition: int):
    decoder, symbols, shown = built(kind, condition)
    whole, state, alive = decoder(symbols, shown), decoder.begin(shown), torch.arange(4)
    for place, kept in enumerate(([0, 1, 2, 3], [3, 1, 0], [0, 2], [0, 1], [1], [0], [0])):
        logits, state = decoder.step(symbols[alive, place], shown[alive], state)
        assert torch.allclose(logits, whole[alive, place], atol=1e-5)
        state, alive = decoder.select(state, torch.tensor(kept)), alive[kept]


@every_decoder
@torch.inference_mode()
def test_what_comes_later_cannot_be_seen(kind: Kind, condition: int):
    decoder, symbols, shown = built(kind, condition)
    padded = symbols.clone()
    padded[:, 4:] = 0
    assert torch.allclose(decoder(padded, shown)[:, :4], decoder(symbols, shown)[:, :4], atol=1e-6)
    assert torch.allclose(decoder(symbols[:, :4], shown), decoder(symbols, shown)[:, :4], atol=1e-5)


@every_decoder
@torch.inference_mode()
def test_every_symbol_depends_on_all_before_it_and_on_its_own_condition(kind: Kind, condition: int):
    decoder, symbols, shown = built(kind, condition)
    other = symbols.clone()
    other[:, 0] = (symbols[:, 0] + 1) % 12
    assert (decoder(other, shown) - decoder(symbols, shown)).abs().amax(dim=2).min() > 0
    if condition:
        changed = shown.clone()
        changed[2] += 1
        apart = (decoder(symbols, changed) - decoder(symbols, shown)).abs().amax(dim=2)
        assert apart[2].min() > 1e-4
        assert apart[[0, 1, 3]].max() < 1e-6


@pytest.mark.parametrize("kind", KINDS)
def test_dropout_is_for_training_only(kind: Kind):
    decoder, symbols, shown = built(kind, 3)
    with seed_torch(2):
        assert torch.equal(decoder(symbols, shown), decoder(symbols, shown))
        decoder.train()
        assert not torch.equal(decoder(symbols, shown), decoder(symbols, shown))


@pytest.mark.parametrize("embedding", [8, 64, 100, 130, 200, 254])
def test_a_transformer_of_any_width(embedding: int):
    with seed_torch(1):
        decoder = decoder_of(Shape("transformer", 12, 9, embedding, 8, layers=1, longest=9)).eval()
    assert decoder(torch.zeros(1, 3, dtype=torch.int64), torch.zeros(1, 0)).shape == (1, 3, 9)
