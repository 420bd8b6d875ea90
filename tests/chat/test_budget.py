from __future__ import annotations

import threading
from pathlib import Path

import pytest

from textsynth.chat.archive import Archive, Usage
from textsynth.chat.budget import Budget, Caps, Prices
from textsynth.chat.request import Answer, Message, Request, Sampling
from textsynth.chat.retry import back_off, retry_after
from textsynth.errors import BudgetSpent


def request(longest: int = 100) -> Request:
    """A request that is held for 10 tokens: 6 letters are 2, and 8 for the message."""
    return Request("m", (Message("user", "abcdef"),), Sampling(1.0, 1.0, longest), 1)


def budget(folder: Path, tokens: int | None = None, cost: float | None = None) -> tuple[Budget, Archive]:
    archive = Archive(folder)
    return Budget(Caps(tokens, cost), Prices(1.0, 10.0), archive), archive


def test_prices_are_of_a_million_tokens():
    assert Prices(2.5, 10.0).cost(Usage(1, 2_000_000, 100_000)) == pytest.approx(6.0)
    assert Prices(None, 10.0).cost(Usage(1, 2_000_000, 100_000)) == pytest.approx(1.0)
    assert Prices(None, None).cost(Usage(1, 2_000_000, 100_000)) is None


def test_a_request_is_sent_if_even_its_longest_answer_stays_under_the_cap(tmp_path: Path):
    enough, archive = budget(tmp_path, tokens=220)
    for number in range(2):
        with enough.reserve([request()]):
            archive.keep(f"{number}" * 32, Answer("x", "stop", 10, 100))
    with pytest.raises(BudgetSpent) as caught, enough.reserve([request()]):
        pass
    assert str(caught.value) == (
        "chat model: max_tokens_total = 220 would be passed: 2 answers took 220 tokens, a cost of 0.00202, and the "
        "next may take 110 tokens; all answers are kept; start again with a higher cap to go on"
    )


def test_the_cost_is_capped_too(tmp_path: Path):
    one, archive = budget(tmp_path, cost=0.0015)
    with one.reserve([request()]):
        archive.keep("1" * 32, Answer("x", "stop", 10, 100))
    with pytest.raises(BudgetSpent, match=r"max_cost = 0.0015 would be passed: 1 answer"), one.reserve([request()]):
        pass


def test_no_cap_lets_everything_pass(tmp_path: Path):
    free, _ = budget(tmp_path)
    with free.reserve([request(10**9)] * 10):
        pass


def test_a_request_waits_for_others_that_may_take_less_than_they_might(tmp_path: Path):
    tight, archive = budget(tmp_path, tokens=150)
    inside, done = threading.Event(), []

    def second() -> None:
        inside.wait(5)
        with tight.reserve([request()]):
            done.append(archive.compute_usage().tokens)

    thread = threading.Thread(target=second)
    thread.start()
    with tight.reserve([request()]):
        inside.set()
        thread.join(0.2)
        assert not done
        archive.keep("1" * 32, Answer("x", "stop", 10, 20))
    thread.join(5)
    assert done == [30]


def test_an_answer_that_is_kept_meanwhile_is_not_taken_for_the_end_of_the_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    tight, archive = budget(tmp_path, tokens=220)
    looks = []

    def usage() -> Usage:
        looks.append(1)
        if len(looks) == 2:  # The one under way has its answer, and is not through with it.
            archive.keep("1" * 32, Answer("x", "stop", 10, 20))
        return Archive.compute_usage(archive)

    with tight.reserve([request()]):
        monkeypatch.setattr(archive, "compute_usage", usage)
        with tight.reserve([request()]):
            assert looks


def test_waiting_gets_longer_up_to_a_minute_and_differs():
    for attempt, longest in enumerate([0.5, 1, 2, 4, 8, 16, 32, 60, 60]):
        waits = {back_off(attempt) for _ in range(20)}
        assert len(waits) > 10
        assert longest / 2 <= min(waits) <= max(waits) <= longest


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("3", 3),
        ("0.5", 0.5),
        ("-1", 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("soon", None),
        ("", None),
        ("inf", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(written: str, seconds: float | None):
    assert retry_after({"retry-after": written}) == seconds
