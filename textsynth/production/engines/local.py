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
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Self, TypeVar

from textsynth.errors import OptionError, TextsynthError
from textsynth.foundation.arrow import defer_pandas
from textsynth.foundation.worker import take_number

Task = TypeVar("Task")
Result = TypeVar("Result")

Mapper = Callable[[Callable[[Task], Result], Iterable[Task]], Iterator[Result]]

_AHEAD = 3
_MOST_KILLS = 3
"""How often a process may be killed at one task."""
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
        TextsynthError: if a process ends before its work is done, three times with one task.
    """
    if workers < 1:
        raise OptionError(f"workers must be at least 1, was: {workers}")
    if workers == 1:
        yield map
        return
    # Forking would copy the threads' locks of torch and tokenizers; a fresh interpreter is the same on all systems.
    context = multiprocessing.get_context("spawn")
    leash, held = context.Pipe(duplex=False)
    begin = leash, context.Value("i", 0)
    with held, leash, _Workers(lambda: ProcessPoolExecutor(workers, context, _begin_worker, begin)) as pool:
        try:
            for _ in range(workers):
                pool.submit(_get_ready, None)
            yield lambda function, tasks: _in_order(pool, workers * _AHEAD, function, tasks)
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


class _Workers:
    """Processes, and new ones in their place when one was killed: then all of a pool are lost.

    Args:
        start: starts a pool of them.
    """

    def __init__(self, start: Callable[[], ProcessPoolExecutor]) -> None:
        self._start = start
        self._pool = start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown()

    def submit(self, function: Callable[[Task], Result], task: Task) -> Future[Result]:
        with _interrupts_held():
            return self._pool.submit(function, task)

    def restart(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._pool = self._start()


@dataclass
class _Try:
    """A task that is under way, or will be.

    Args:
        task: what is to be done.
        kills: how often a process was killed while it was under way.
        future: brings its result.
    """

    task: Any
    kills: int = 0
    future: Future[Any] | None = None

    def begin(self, pool: _Workers, function: Callable[[Any], Any]) -> None:
        self.future = pool.submit(function, self.task)


def _in_order(
    pool: _Workers, ahead: int, function: Callable[[Task], Result], tasks: Iterable[Task]
) -> Iterator[Result]:
    """Works on a few tasks at a time, so that there is little to wait for when the rest is not wanted any more.

    What was under way when a process was killed is done again, one task at a time, until it is known which one it was.
    """
    coming, again, under_way = map(_Try, tasks), deque[_Try](), deque[_Try]()
    while True:
        try:
            while len(under_way) < (1 if again or any(each.kills for each in under_way) else ahead):
                following = again.popleft() if again else next(coming, None)
                if following is None:
                    break
                under_way.append(following)
                following.begin(pool, function)
            if not under_way:
                return
            assert under_way[0].future is not None
            result = under_way[0].future.result()
        except BrokenProcessPool as error:
            for each in under_way:
                each.kills += 1
            if under_way[0].kills >= _MOST_KILLS:
                raise _say_killed(under_way[0]) from error
            logger.warning("a worker process was killed, for lack of memory perhaps; what it was at is done again")
            again.extendleft(reversed(under_way))
            under_way.clear()
            pool.restart()
            continue
        under_way.popleft()
        yield result


def _say_killed(last: _Try) -> TextsynthError:
    return TextsynthError(
        f"{last.task}: a worker process must live until its work is done, was killed {last.kills} times, for lack of "
        "memory perhaps; start again with fewer workers, what is done is kept (a script that asks for workers must "
        "have its calls under `if __name__ == '__main__':`)"
    )


def _begin_worker(leash: Connection, taken: Any) -> None:
    """Leaves Ctrl-C to the parent, and the worker's own end too: it lasts as long as somebody holds its leash."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    take_number(taken)
    threading.Thread(target=_end_with_parent, args=(leash,), daemon=True).start()
    defer_pandas()


def _get_ready(_: None) -> None:
    """Loads what each shard needs, while the parent still fits: a fresh interpreter takes a second for that."""
    import textsynth.production.shard  # noqa: F401


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
