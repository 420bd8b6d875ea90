"""The client: sends the requests that have no kept answer, many at a time, and returns answers in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait

from textsynth.chat.archive import Archive
from textsynth.chat.budget import Budget
from textsynth.chat.request import Answer, Ask, Backend, Request
from textsynth.chat.retry import Halt, Stopped

_OFTEN = 0.5
"""Seconds after which progress is looked at, though no answer came."""


class ChatClient:
    """Asks a back-end, within a budget, and keeps every answer as soon as it is there.

    Args:
        backend: answers requests.
        archive: keeps answers.
        budget: what they may take.
    """

    def __init__(self, backend: Backend, archive: Archive, budget: Budget) -> None:
        self._backend, self._archive, self._budget = backend, archive, budget

    def ask(self, requests: Sequence[Request], advance: Callable[[int], None] = lambda _: None) -> list[Answer]:
        """Returns the answer to each request; what was answered before is not asked again.

        If one fails, those that are under way end and are kept; then the first error is raised.

        Args:
            requests: what to ask.
            advance: is called with the number of requests that were answered, now and then.

        Raises:
            ServerFailure: if there is no answer to be had.
            BudgetSpent: if a cap is reached.
        """
        found = [self._archive.find(request.key()) for request in requests]
        size = self._backend.batch
        batches = [range(first, min(first + size, len(requests))) for first in range(0, len(requests), size)]
        # A batch is asked as a whole even if some of its answers are kept, as they are drawn from one rng.
        asked = [batch for batch in batches if any(found[number] is None for number in batch)]
        advance(sum(answer is not None for answer in found))
        batches_asked = [[requests[number] for number in batch] for batch in asked]
        answered = _Round(self._backend, self._archive, self._budget).run(batches_asked, advance)
        for batch, answers in zip(asked, answered, strict=True):
            for number, answer in zip(batch, answers, strict=True):
                found[number] = found[number] or answer
        return [answer for answer in found if answer is not None]


class _Round:
    """One call of `ask`: batches on as many threads as the back-end wants."""

    def __init__(self, backend: Backend, archive: Archive, budget: Budget) -> None:
        self._backend, self._archive, self._budget = backend, archive, budget
        self._failed = Halt()

    def run(self, batches: Sequence[Sequence[Request]], advance: Callable[[int], None]) -> list[list[Answer]]:
        if not batches:
            return []
        threads = min(self._backend.concurrency, len(batches))
        with self._backend.open_connection(self._failed) as ask:
            if threads == 1:
                return [_tell(self._answers(batch, ask), advance) for batch in batches]
            with ThreadPoolExecutor(threads, "textsynth-chat") as pool:
                futures = [pool.submit(self._answers, batch, ask) for batch in batches]
                try:
                    return _gather(futures, advance)
                except BaseException as error:
                    if isinstance(error, Exception):
                        self._failed.set()
                    else:  # Ctrl-C, say.
                        self._failed.stop()
                    pool.shutdown(wait=True, cancel_futures=True)
                    raise

    def _answers(self, batch: Sequence[Request], ask: Ask) -> list[Answer]:
        """Answers a batch, and keeps what was not kept before."""
        with self._budget.reserve(batch):
            if self._failed.is_set():
                raise Stopped
            answers = ask(batch)
            for request, answer in zip(batch, answers, strict=True):
                if self._archive.find(request.key()) is None:
                    self._archive.keep(request.key(), answer)
            return answers


def _gather(futures: list[Future[list[Answer]]], advance: Callable[[int], None]) -> list[list[Answer]]:
    """Waits for all batches; raises the first error at once."""
    left = set(futures)
    while left:
        done, left = wait(left, return_when=FIRST_EXCEPTION, timeout=_OFTEN)
        for future in done:
            _tell(future.result(), advance)
    return [future.result() for future in futures]


def _tell(answers: list[Answer], advance: Callable[[int], None]) -> list[Answer]:
    advance(len(answers))
    return answers
