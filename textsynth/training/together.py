"""Processes that train one network together: each takes a part of every batch, and their gradients are added up.

A launcher starts them, such as `accelerate launch` or `torchrun`, and tells each its number by the environment. What
is not trained together knows nothing of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

_SIZE = "WORLD_SIZE"
_TOLD = ("RANK", "LOCAL_RANK", _SIZE, "LOCAL_WORLD_SIZE", "GROUP_RANK", "MASTER_ADDR", "MASTER_PORT")
"""What a launcher tells; whoever else finds it in this process would wait for the others too."""


@dataclass(frozen=True)
class Together:
    """Which of the processes this one is; alone it is the first of one.

    Args:
        number: counts them from 0.
        size: how many they are.
    """

    number: int = 0
    size: int = 1


_joined = [Together()]


def together() -> Together:
    """Returns which of the processes that have joined this one is."""
    return _joined[-1]


def join() -> Together:
    """Joins the processes that a launcher has started with this one; there are no others if none has."""
    size = os.environ.get(_SIZE, "")
    if together().size > 1 or not size.isdecimal() or int(size) < 2:
        return together()
    import torch

    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    torch.distributed.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo")
    _joined.append(Together(torch.distributed.get_rank(), torch.distributed.get_world_size()))
    for name in _TOLD:
        os.environ.pop(name, None)
    return together()


def send(message: Any) -> None:
    """Sends something from the first process to the others."""
    import torch

    torch.distributed.broadcast_object_list([message], src=0, device=torch.device("cpu"))


def receive() -> Any:
    """Waits for what the first process sends."""
    import torch

    messages = [None]
    torch.distributed.broadcast_object_list(messages, src=0, device=torch.device("cpu"))
    return messages[0]


def add_up(number: float) -> float:
    """Returns the sum of the numbers that the processes have; each gets the same."""
    if together().size == 1:
        return number
    import torch

    total = torch.tensor([number], dtype=torch.float64)
    torch.distributed.all_reduce(total)
    return float(total.item())


def add_up_gradients(parameters: Iterable[torch.nn.Parameter]) -> None:
    """Puts the sum of the gradients that the processes have in place of each; all must have those of the same ones."""
    if together().size == 1:
        return
    import torch

    gradients = [each.grad for each in parameters if each.grad is not None]
    flat = torch.cat([each.reshape(-1) for each in gradients])
    torch.distributed.all_reduce(flat)
    for gradient, part in zip(gradients, flat.split([each.numel() for each in gradients]), strict=True):
        gradient.copy_(part.view_as(gradient))
