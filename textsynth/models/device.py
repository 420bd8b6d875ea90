"""Where networks are trained, and with which precision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

import torch

from textsynth.errors import OptionError
from textsynth.models.options import Device

if TYPE_CHECKING:
    from accelerate import Accelerator


def accelerator_on(device: Device) -> Accelerator:
    """Returns what moves networks to a device and trains them with bfloat16 where the processor computes with it.

    Raises:
        OptionError: for a device this machine does not have.
    """
    from accelerate import Accelerator

    there = {"auto": True, "cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not there[device]:
        raise OptionError(f"option 'device' must be one this machine has, was: {device!r}; 'auto' takes what there is")
    return Accelerator(cpu=device == "cpu", mixed_precision="bf16" if has_bfloat16(device) else "no")


def place_of(device: Device) -> torch.device:
    """Returns the torch device that sentences are sampled on."""
    return accelerator_on(device).device


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Lets torch use so many threads while the block runs."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def one_thread(when: bool = True) -> AbstractContextManager[None]:
    """Lets torch use one thread while the block runs: small work is done sooner so, and sums come out alike.

    Args:
        when: whether to; threads stay as they are where not.
    """
    return threads(1 if when else torch.get_num_threads())


def has_bfloat16(device: Device) -> bool:
    """Says whether a device computes with bfloat16."""
    if device != "cpu" and torch.cuda.is_available():
        return torch.cuda.is_bf16_supported()
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(supported and supported())
