"""The device that networks are trained on, its precision, and how many threads torch has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import torch

from textsynth.errors import OptionError
from textsynth.foundation.worker import own_number
from textsynth.training.options import Device

if TYPE_CHECKING:
    from accelerate import Accelerator


def accelerator_on(device: Device) -> Accelerator:
    """Returns what moves networks to a device and trains them with bfloat16 if that is faster.

    Raises:
        OptionError: for a device this machine does not have.
    """
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState

    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if device != "auto" and not available[device]:
        raise OptionError(f"option 'device' must be one this machine has, was: {device!r}; 'auto' takes what there is")
    on_cpu = device == "cpu" or not (available["cuda"] or available["mps"])
    if not on_cpu and available["cuda"]:
        _take_own_gpu()
    precision = "bf16" if quick_in_bfloat16(device) else "no"
    now: dict[str, Any] = AcceleratorState._shared_state
    if now and (now["device"].type == "cpu", now["_mixed_precision"]) != (on_cpu, precision):
        # accelerate has one device and one precision a process; two steps of a recipe may have two.
        AcceleratorState._reset_state(reset_partial_state=True)
    return Accelerator(cpu=on_cpu, mixed_precision=precision)


def _take_own_gpu() -> None:
    """Lets each of several worker processes have a GPU of its own, in turn if there are fewer."""
    number = own_number()
    if number is not None:
        torch.cuda.set_device(number % torch.cuda.device_count())


def torch_device(device: Device) -> torch.device:
    """Returns the torch device that sentences are sampled on."""
    return accelerator_on(device).device


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Lets torch use this many threads while the block runs."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def one_thread(when: bool = True) -> AbstractContextManager[None]:
    """Lets torch use one thread while the block runs: small work is done sooner, and sums come out alike.

    Args:
        when: whether to; otherwise threads stay as they are.
    """
    return threads(1 if when else torch.get_num_threads())


def has_fused_adamw(device: torch.device) -> bool:
    """Says whether AdamW can take a step of all weights at once there, in an eighth of the time on a CPU."""
    return device.type in ("cpu", "cuda")


def quick_in_bfloat16(device: Device) -> bool:
    """Says whether a device computes faster with bfloat16 than with 32 bits.

    A CPU does if it has matrix tiles (AMX). With the vector instructions AVX-512 BF16 alone, our networks trained and
    SmolLM2-135M wrote at 0.6 of the speed of 32 bits.
    """
    if device != "cpu" and torch.cuda.is_available():
        return torch.cuda.is_bf16_supported()
    supported = getattr(torch.cpu, "_is_amx_tile_supported", None)
    return bool(supported and supported())
