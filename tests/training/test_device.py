"""Where networks are trained, and in which precision."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from toy import TINY, fitted, make, rng

torch = pytest.importorskip("torch")

from textsynth.errors import OptionError  # noqa: E402
from textsynth.generators.language_model import LanguageModel  # noqa: E402
from textsynth.production.engines.local import local_engine  # noqa: E402
from textsynth.training import device  # noqa: E402


@pytest.fixture
def tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has this processor seem to have matrix tiles."""
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU, whose precision is not that of the processor")
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: True)


def test_bfloat16_where_it_is_faster(tiles: None, monkeypatch: pytest.MonkeyPatch):
    assert device.accelerator_on("cpu").mixed_precision == "bf16"
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    assert device.accelerator_on("auto").mixed_precision == "no"


def test_a_network_learns_in_bfloat16_too(tiles: None, tmp_path: Path):
    generator = make(LanguageModel, **TINY, epochs=2)
    place = fitted(generator, tmp_path)
    made = generator.sampler(place)(5, rng(1))
    assert len(getattr(made, "corpus", made)) == 5


def test_a_device_that_is_not_there_is_an_error():
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(OptionError, match="must be one this machine has"):
        device.accelerator_on("cuda")


def test_threads_are_what_they_were():
    before = torch.get_num_threads()
    with device.one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before


def name_gpu(gpus: int) -> tuple[int, int | None]:
    """Says on which of so many GPUs a worker process works, and which process it is; no GPU is there in truth."""
    chosen: list[int] = []
    torch.cuda.device_count = lambda: gpus
    torch.cuda.set_device = chosen.append
    device._take_own_gpu()
    return os.getpid(), chosen[0] if chosen else None


@pytest.mark.slow
def test_each_worker_process_has_a_gpu_of_its_own(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "device_count", torch.cuda.device_count)
    monkeypatch.setattr(torch.cuda, "set_device", torch.cuda.set_device)
    assert name_gpu(2) == (os.getpid(), None)
    with local_engine(2) as run:
        told = dict(run(name_gpu, [2] * 50))
    assert sorted(told.values()) in ([0], [1], [0, 1]), "one process alone may have done all of it"
