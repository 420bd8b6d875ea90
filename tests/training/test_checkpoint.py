from __future__ import annotations

import math
import tempfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from textsynth.training.checkpoint import read_state, read_weights, write_state, write_weights  # noqa: E402
from textsynth.training.loop import seed_torch  # noqa: E402


def kept(state: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        write_state(state, Path(folder) / "state")
        return read_state(Path(folder) / "state")


plain = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5))
keys = st.one_of(st.integers(-5, 5), st.text(max_size=3))
nested = st.recursive(plain, lambda inner: st.one_of(st.lists(inner), st.dictionaries(keys, inner)), max_leaves=12)


@given(nested)
def test_nested_plain_values_come_back(state: Any):
    again = kept(state)
    assert again == state
    assert repr(again) == repr(state)  # 1, 1.0 and True are equal


def test_tensors_of_every_kind_come_back():
    state = {
        "whole": [torch.arange(3), torch.tensor(7), torch.zeros(0, 4), torch.tensor([True, False])],
        3: {"half": torch.tensor([1.5, math.inf], dtype=torch.bfloat16), "3": torch.rand(2, 3, dtype=torch.float64)},
        "across": torch.arange(6.0).view(2, 3).t(),
    }
    again = kept(state)
    assert list(again) == ["whole", 3, "across"]
    pairs = [*zip(again["whole"], state["whole"], strict=True), (again["across"], state["across"])]
    pairs += [(again[3][name], state[3][name]) for name in ("half", "3")]
    for found, expected in pairs:
        assert found.dtype == expected.dtype
        assert torch.equal(found, expected)


def test_tuples_are_lists_and_mappings_are_dictionaries():
    again = kept(OrderedDict(betas=(0.9, 0.999), best=math.inf))
    assert again == {"betas": [0.9, 0.999], "best": math.inf}
    assert type(again) is dict


def test_what_is_named_like_the_files_own_words():
    state = {"tensor": 3, "mapping": [{"list": {"plain": None}}], "outline": torch.ones(1), "0": "0"}
    again = kept(state)
    assert torch.equal(again.pop("outline"), state.pop("outline"))
    assert again == state


def test_tensors_that_share_memory_come_back_as_two():
    weights = torch.arange(4.0)
    again = kept([weights, weights, weights[1:3]])
    assert [each.tolist() for each in again] == [[0, 1, 2, 3], [0, 1, 2, 3], [1, 2]]


def test_an_optimiser_goes_on_where_it_was(tmp_path: Path):
    def taught(steps: int, start: Any = None) -> tuple[Any, Any]:
        with seed_torch(1):
            network = torch.nn.Linear(3, 2)
            optimiser = torch.optim.AdamW(network.parameters(), lr=0.1, fused=True)
        if start is not None:
            network.load_state_dict(start["network"])
            optimiser.load_state_dict(start["optimiser"])
        for _ in range(steps):
            optimiser.zero_grad()
            network(torch.ones(1, 3)).square().sum().backward()
            optimiser.step()
        return network, optimiser

    network, optimiser = taught(3)
    again = kept({"network": network.state_dict(), "optimiser": optimiser.state_dict()})
    assert set(again["optimiser"]["state"]) == {0, 1}
    assert torch.equal(taught(2, again)[0].weight, taught(5)[0].weight)


def test_weights_are_read_into_a_network_of_the_same_shape(tmp_path: Path):
    with seed_torch(1):
        first, second = (torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2)) for _ in range(2))
        first(torch.rand(5, 3))
    write_weights(first, tmp_path / "weights")
    assert second.training
    read_weights(second, tmp_path / "weights")
    assert not second.training
    assert all(torch.equal(second.state_dict()[name], value) for name, value in first.state_dict().items())
    with pytest.raises(RuntimeError):
        read_weights(torch.nn.Linear(3, 2), tmp_path / "weights")


def test_a_write_that_fails_leaves_what_stood(tmp_path: Path):
    write_state({"a": 1}, tmp_path / "state")
    with pytest.raises(TypeError):
        write_state({"a": object()}, tmp_path / "state")
    assert read_state(tmp_path / "state") == {"a": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["state"]
