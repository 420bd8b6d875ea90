"""The budget: what answers may cost, over all processes and restarts."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from textsynth.chat.archive import Archive, Usage
from textsynth.chat.request import Request
from textsynth.errors import BudgetSpent
from textsynth.foundation.plural import tell_count

_MILLION = 1e6


@dataclass(frozen=True)
class Prices:
    """What a million tokens cost, in any currency.

    Args:
        price_in: of requests; None if it is not known.
        price_out: of answers; None if it is not known.

    >>> Prices(1.0, 4.0).cost(Usage(1, 500_000, 250_000))
    1.5
    """

    price_in: float | None
    price_out: float | None

    def cost(self, usage: Usage) -> float | None:
        """Returns the cost of what answers took; None if no price is known."""
        if self.price_in is None and self.price_out is None:
            return None
        cost = usage.prompt_tokens * (self.price_in or 0) + usage.new_tokens * (self.price_out or 0)
        return cost / _MILLION


@dataclass(frozen=True)
class Caps:
    """What may be spent at most; None for any amount.

    Args:
        max_tokens_total: tokens of requests and answers together.
        max_cost: in the currency of the prices.
    """

    max_tokens_total: int | None
    max_cost: float | None


class Budget:
    """Lets requests be sent as long as even their longest answers would stay under the caps.

    It does not see what other processes have under way, so several may overshoot by that.

    Args:
        caps: what may be spent.
        prices: what tokens cost.
        archive: knows what all answers took.
    """

    def __init__(self, caps: Caps, prices: Prices, archive: Archive) -> None:
        self._caps, self._prices, self._archive = caps, prices, archive
        self._under_way = Usage()
        self._free = threading.Condition()

    @contextmanager
    def reserve(self, requests: Sequence[Request]) -> Iterator[None]:
        """Sets aside what requests may take while the block runs; if it is too much, waits for others to end.

        Raises:
            BudgetSpent: if they may take more than is left when no other request is under way.
        """
        most = Usage()
        for request in requests:
            most += Usage(1, request.prompt_tokens(), request.sampling.longest)
        if self._caps == Caps(None, None):
            yield
            return
        with self._free:
            # An answer that was just kept counts twice until its request is under way no more; waiting outlasts that.
            while not self._fits(most):
                if self._under_way == Usage():
                    raise BudgetSpent(self._complaint(most))
                self._free.wait()
            self._under_way += most
        try:
            yield
        finally:
            with self._free:
                self._under_way = _subtract(self._under_way, most)
                self._free.notify_all()

    def _fits(self, most: Usage) -> bool:
        return self._find_cap_passed(self._archive.compute_usage() + self._under_way + most) is None

    def _find_cap_passed(self, usage: Usage) -> str | None:
        """Returns the cap that would be passed, as a message names it; None if none would."""
        cost = self._prices.cost(usage)
        if self._caps.max_tokens_total is not None and usage.tokens > self._caps.max_tokens_total:
            return f"max_tokens_total = {self._caps.max_tokens_total}"
        if self._caps.max_cost is not None and cost is not None and cost > self._caps.max_cost:
            return f"max_cost = {self._caps.max_cost:g}"
        return None

    def _complaint(self, most: Usage) -> str:
        spent = self._archive.compute_usage()
        cost = self._prices.cost(spent)
        words = "" if cost is None else f", a cost of {cost:.4g}"
        return (
            f"chat model: {self._find_cap_passed(spent + most)} would be passed: "
            f"{tell_count(spent.requests, 'answer')} took {spent.tokens} tokens{words}, and the next may take "
            f"{most.tokens} tokens; all answers are kept; start again with a higher cap to go on"
        )


def _subtract(one: Usage, other: Usage) -> Usage:
    return Usage(
        one.requests - other.requests,
        one.prompt_tokens - other.prompt_tokens,
        one.new_tokens - other.new_tokens,
        one.estimated - other.estimated,
    )
