"""Makes shards in processes of this machine."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from textsynth.errors import OptionError, TextsynthError

Task = TypeVar("Task")
Result = TypeVar("Result")

Mapper = Callable[[Callable[[Task], Result], Iterable[Task]], Iterator[Result]]

_AHEAD = 3
_SHARE = 0.8

logger = logging.getLogger(__name__)


@contextmanager
def local_engine(workers: int) -> Iterator[Mapper]:
    """Gives a function that maps over tasks and yields the results in the order of the tasks.

    Whatever ends the block early ends the processes at once; so does the end of this process.

    Args:
        workers: processes; 1 works in this process.

    Raises:
        OptionError: for less than one process.
        TextsynthError: if a process ends before its work is done.
    """
    if workers < 1:
        raise OptionError(f"workers must be at least 1, was: {workers}")
    if workers == 1:
        yield map
        return
    # Forking would copy the threads' locks of torch and tokenizers; a fresh interpreter is the same on all systems.
    context = multiprocessing.get_context("spawn")
    leash, held = context.Pipe(duplex=False)
    with held, leash, ProcessPoolExecutor(workers, context, _begin_worker, (leash,)) as pool:
        try:
            yield lambda function, tasks: _in_order(pool, workers * _AHEAD, function, tasks)
        except BrokenProcessPool as error:
            raise TextsynthError(
                "a worker process must live until its work is done, one was killed, for lack of memory perhaps; "
                "start again with fewer workers, what is done is kept (a script that asks for workers must have "
                "its calls under `if __name__ == '__main__':`)"
            ) from error
        except BaseException:
            held.close()
            raise


def affordable(workers: int, memory: int) -> int:
    """Returns how many processes the memory allows, one at least, and says so if that is fewer than asked for.

    Args:
        workers: processes asked for.
        memory: bytes that each takes; 0 if it is little.
    """
    if workers == 1 or memory == 0:
        return workers
    import psutil

    available = psutil.virtual_memory().available
    fitting = max(1, int(_SHARE * available) // memory)
    if fitting < workers:
        logger.warning(
            "workers: %d asked for, memory for %d: each takes about %.1f GB of %.1f; one with several `threads` "
            "uses the other cores",
            *(workers, fitting, memory / 1e9, available / 1e9),
        )
    return min(workers, fitting)


def _in_order(
    pool: ProcessPoolExecutor, ahead: int, function: Callable[[Task], Result], tasks: Iterable[Task]
) -> Iterator[Result]:
    """Works on a few tasks at a time, so that there is little to wait for when the rest is not wanted any more."""
    futures: deque[Future[Any]] = deque()
    for task in tasks:
        with _interrupts_held():
            futures.append(pool.submit(function, task))
        if len(futures) >= ahead:
            yield futures.popleft().result()
    while futures:
        yield futures.popleft().result()


def _begin_worker(leash: Connection) -> None:
    """Leaves Ctrl-C to the parent, and the worker's own end too: it lasts as long as somebody holds its leash."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, args=(leash,), daemon=True).start()


def _end_with_parent(leash: Connection) -> None:
    leash.poll(None)
    os._exit(1)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Holds Ctrl-C back while workers start: they inherit that, and so are deaf to it from their first moment."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
