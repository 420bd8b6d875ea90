from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy import rng

torch = pytest.importorskip("torch")

from textsynth.training.loop import seed_torch  # noqa: E402
from textsynth.wording.decoder import Decoder, Kind, Shape, decoder_of  # noqa: E402
from textsynth.wording.symbol_sampling import Prompt, Script, Style, write  # noqa: E402

END, OUTPUTS = 5, 10
LABEL_OF = np.array([-1, -1, -1, -1, -1, -1, 0, 0, 1, 1])
"""Symbols 0 to 4 are text, 5 is the end, and two labels have two slots each."""


class Fixed(Decoder):
    """Always gives the same logits, whatever came before; it counts what it was asked."""

    def __init__(self, logits: list[float] | Any) -> None:
        super().__init__()
        self.logits = torch.as_tensor(logits, dtype=torch.float32)
        self.steps: list[int] = []

    def begin(self, condition: Any) -> Any:
        return torch.arange(len(condition))

    def step(self, symbols: Any, condition: Any, state: Any) -> tuple[Any, Any]:
        assert len(symbols) == len(condition) == len(state)
        self.steps.append(len(symbols))
        return self.logits.expand(len(symbols), -1).clone(), state

    def select(self, state: Any, rows: Any) -> Any:
        return state[rows]


class Scale(Fixed):
    """Gives to sentence `i` the symbols 0, 1, 2 and so on up to `i`, and then the end: it tells rows apart."""

    def step(self, symbols: Any, condition: Any, state: Any) -> tuple[Any, Any]:
        super().step(symbols, condition, state)
        place = len(self.steps) - 1
        wanted = torch.where(place < condition[:, 0].long(), place, END)
        return torch.nn.functional.one_hot(wanted, OUTPUTS) * 50.0, state


def script(known: list[int] | None = None) -> Script:
    return Script(END, LABEL_OF, np.isin(np.arange(OUTPUTS), range(OUTPUTS) if known is None else known))


def random_decoder(kind: Kind = "gru", seed: int = 1) -> Decoder:
    with seed_torch(seed):
        return decoder_of(Shape(kind, OUTPUTS + 2, OUTPUTS, 16, 16, longest=60, condition=3)).eval()


def prompt(count: int, bags: list[list[int]] | None = None, seed: int = 1) -> Prompt:
    generator = torch.Generator().manual_seed(seed)
    starts = torch.arange(count) % 2 + OUTPUTS
    return Prompt(starts, torch.randn(count, 3, generator=generator), None if bags is None else torch.tensor(bags))


def text(logits: list[float], count: int, style: Style, known: list[int] | None = None) -> np.ndarray:
    """The symbols that a decoder of fixed logits writes for so many sentences of one symbol."""
    decoder = Fixed([*logits, *[-1e9] * (OUTPUTS - len(logits))])
    written = write(decoder, prompt(count), script(known), style, rng("text", count))
    return np.array([symbols[0] for symbols in written])


@pytest.mark.parametrize("kind", ["gru", "lstm", "transformer"])
def test_without_temperature_the_likeliest_symbols_come(kind: Kind):
    decoder, given = random_decoder(kind), prompt(6)
    written = write(decoder, given, script(), Style(0.0, 1.0, 12), rng(1))
    assert written == write(decoder, given, script(), Style(0.0, 0.3, 12), rng(2))
    for row, symbols in enumerate(written):
        read = torch.tensor([[int(given.starts[row]), *symbols[:-1]]])
        with torch.inference_mode():
            best = decoder(read, given.condition[row : row + 1]).argmax(dim=2)[0]
        assert symbols == best.tolist()
        assert symbols[-1] == END or len(symbols) == 12


def test_frequencies_follow_the_softmax():
    logits, count = [2.0, 1.0, 0.0, -1.0, 0.5, 1.5], 20_000
    for temperature in (1.0, 0.5, 2.0):
        found = np.bincount(text(logits, count, Style(temperature, 1.0, 1)), minlength=OUTPUTS)
        expected = np.exp(np.array(logits) / temperature)
        expected *= count / expected.sum()
        assert found[6:].sum() == 0
        assert np.sum((found[:6] - expected) ** 2 / expected) < 20.5  # five degrees of freedom, p = 0.001


def test_only_the_nucleus_is_written_in_the_proportions_it_had():
    chances, count = np.array([0.4, 0.1, 0.25, 0.05, 0.2]), 20_000
    for top_p, inside in ((0.3, [0]), (0.39, [0]), (0.41, [0, 2]), (0.8, [0, 2, 4]), (0.9, [0, 2, 4, 1])):
        found = np.bincount(text(np.log(chances).tolist(), count, Style(1.0, top_p, 1)), minlength=OUTPUTS)
        assert set(np.flatnonzero(found)) == set(inside)
        expected = chances[inside] / chances[inside].sum() * count
        assert np.sum((found[inside] - expected) ** 2 / expected) < 20.5


def test_what_the_source_lacks_is_never_written():
    written = text([9.0, 0.0, 9.0, 0.0], 5000, Style(1.0, 1.0, 1), known=[1, 3, END])
    assert set(written) == {1, 3}
    assert set(text([9.0, 0.0, 9.0, 0.0], 50, Style(0.0, 1.0, 1), known=[3, END])) == {3}
    assert set(text([9.0, 0.0, 9.0, -1.0], 5000, Style(1.0, 0.6, 1), known=[1, 3, END])) == {1}


def test_the_chances_of_what_is_left_are_as_they_were():
    chances = np.array([0.5, 0.2, 0.2, 0.1])
    found = np.bincount(text(np.log(chances).tolist(), 20_000, Style(1.0, 1.0, 1), known=[1, 2, 3, END]), minlength=4)
    expected = np.array([0.4, 0.4, 0.2]) * 20_000
    assert np.sum((found[1:4] - expected) ** 2 / expected) < 13.9  # two degrees of freedom, p = 0.001


@given(
    bags=st.lists(st.lists(st.integers(0, 4), min_size=2, max_size=2), min_size=1, max_size=12),
    kind=st.sampled_from(["gru", "transformer"]),
    temperature=st.sampled_from([0.0, 0.5, 1.0, 3.0]),
    top_p=st.sampled_from([0.2, 0.9, 1.0]),
    seed=st.integers(0, 5),
)
def test_every_sentence_has_its_slots_no_more_and_no_less(
    bags: list[list[int]], kind: Kind, temperature: float, top_p: float, seed: int
):
    """With random weights, of which the end has a good chance; a sentence that did not end may lack some."""
    decoder, style = random_decoder(kind, seed), Style(temperature, top_p, 50)
    written = write(decoder, prompt(len(bags), bags), script([0, 1, END, 7, 8, 9]), style, rng("bags"))
    for symbols, bag in zip(written, bags, strict=True):
        found = np.bincount(LABEL_OF[symbols][LABEL_OF[symbols] >= 0], minlength=2)
        assert set(symbols) <= {0, 1, END, 7, 8, 9}
        assert (found <= bag).all()
        if symbols[-1] == END:
            assert found.tolist() == bag
        else:
            assert len(symbols) == 50


def test_slots_that_are_owed_come_even_from_a_network_that_would_end():
    decoder = Fixed([-9.0, -9.0, -9.0, -9.0, -9.0, 9.0, 0.0, -1e9, 0.0, -1e9])
    bags = [[0, 0], [1, 0], [0, 2], [2, 3]]
    written = write(decoder, prompt(4, bags), script(), Style(1.0, 0.9, 30), rng(1))
    assert [sorted(symbols) for symbols in written] == [[5], [5, 6], [5, 8, 8], [5, 6, 6, 8, 8, 8]]


def test_without_a_bag_slots_come_freely():
    written = write(random_decoder(), prompt(300), script(), Style(1.0, 1.0, 40), rng(1))
    counts = {tuple(np.bincount(LABEL_OF[each][LABEL_OF[each] >= 0], minlength=2)) for each in written}
    assert len(counts) > 5


def test_a_bag_is_not_used_up():
    given = prompt(2, [[1, 0], [0, 1]])
    write(random_decoder(), given, script(), Style(1.0, 1.0, 40), rng(1))
    assert given.bags is not None
    assert given.bags.tolist() == [[1, 0], [0, 1]]


def test_the_same_rng_writes_the_same_and_another_something_else():
    decoder, given = random_decoder(), prompt(40)
    first, second, third = (write(decoder, given, script(), Style(1.0, 1.0, 20), rng(seed)) for seed in (1, 1, 2))
    assert first == second != third


def test_a_sentence_ends_once_or_is_cut_off():
    written = write(random_decoder(), prompt(300), script(), Style(1.0, 1.0, 8), rng(1))
    assert all(END not in symbols[:-1] for symbols in written)
    assert all(len(symbols) == 8 or symbols[-1] == END for symbols in written)
    assert any(symbols[-1] != END for symbols in written)


def test_sentences_keep_their_places_while_others_end():
    lengths = [3, 0, 4, 1, 2, 4, 0, 3, 1, 4]
    decoder = Scale([0.0] * OUTPUTS)
    given = Prompt(torch.full((10,), OUTPUTS), torch.tensor(lengths).float()[:, None])
    written = write(decoder, given, script(), Style(1.0, 1.0, 9), rng(1))
    assert written == [[*range(length), END] for length in lengths]
    assert decoder.steps == [10, 8, 6, 6, 3]  # A batch shrinks once a fifth of it has ended.


def test_more_than_fit_in_a_batch():
    decoder = Fixed([*[-1e9] * 5, 0.0, *[-1e9] * 4])
    assert write(decoder, prompt(1300), script(), Style(1.0, 1.0, 5), rng(1)) == [[END]] * 1300
    assert decoder.steps == [512, 512, 276]
    drawn = random_decoder()
    bags = [[row % 2, row % 3] for row in range(700)]
    whole = write(drawn, prompt(700, bags), script(), Style(0.0, 1.0, 12), rng(1))
    parts = [prompt(700, bags).rows(first, first + 100) for first in range(0, 700, 100)]
    assert whole == [each for part in parts for each in write(drawn, part, script(), Style(0.0, 1.0, 12), rng(1))]


def test_no_sentences():
    assert write(random_decoder(), prompt(0), script(), Style(1.0, 1.0, 5), rng(1)) == []
