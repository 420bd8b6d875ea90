"""Processes that help the run of another to fine-tune: a launcher has started several with the same command.

The first is the run. It tells the others which component learns what; they fit it too, each in a folder that goes, and
take their part of every batch. All else the first does alone.
"""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textsynth.components.component import Component
from textsynth.errors import TextsynthError
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.pretrained.tuning_options import TuningOptions
from textsynth.training.together import join, receive, send, together

_CHECKPOINTS = "*.checkpoint.safetensors"


@dataclass(frozen=True)
class _Work:
    """A fit that is shared.

    Args:
        component: what is fitted.
        resources: what it learns from.
        seed: of the run.
        stream: the names of its random numbers.
        threads: of torch.
        checkpoints: what a fit that was cut off has left, by name.
    """

    component: Any
    resources: Resources
    seed: int
    stream: tuple[str, ...]
    threads: int
    checkpoints: dict[str, bytes]


def help_another() -> bool:
    """Helps the run of another process until that needs no help any more, if a launcher has started this one for it.

    Returns:
        Whether it has; if not, this process is the one that runs.
    """
    if join().number == 0:
        return False
    logging.disable(logging.CRITICAL)  # The first tells what is to be told.
    while (work := _receive()) is not None:
        with tempfile.TemporaryDirectory(prefix="textsynth-") as folder:
            _help(work, Path(folder))
    return True


def share_fit(component: Component, resources: Resources, seed: int, stream: tuple[str, ...], directory: Path) -> None:
    """Tells the processes that help what is fitted now, if it is fine-tuned and there are any.

    Args:
        component: what is fitted.
        resources: what it learns from.
        seed: of the run.
        stream: the names of its random numbers, as `child_rng` takes them.
        directory: where it is fitted; a fit that was cut off has left something there.
    """
    if together().size == 1 or not isinstance(getattr(component, "tuning", None), TuningOptions):
        return
    import torch

    checkpoints = {path.name: path.read_bytes() for path in directory.glob(_CHECKPOINTS)}
    send(_Work(component, resources, seed, stream, torch.get_num_threads(), checkpoints))


def release_helpers() -> None:
    """Tells the processes that help that nothing more is fitted."""
    if together().size > 1:
        send(None)


def _receive() -> _Work | None:
    """Waits for work; there is none if the first process has ended, as it does if there was nothing to fit."""
    try:
        work: _Work | None = receive()
    except RuntimeError:
        return None
    return work


def _help(work: _Work, folder: Path) -> None:
    from textsynth.training.device import threads

    for name, content in work.checkpoints.items():
        (folder / name).write_bytes(content)
    with threads(work.threads):
        try:
            work.component.fit(work.resources, folder, child_rng(work.seed, *work.stream))
        except TextsynthError:  # The first finds the same, and tells it.
            return
