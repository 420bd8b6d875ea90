"""The client side against a server over HTTP that misbehaves in every way we know of."""

from __future__ import annotations

import base64
import json
import time
import tracemalloc
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from chat_server import NEW_TOKENS, PROMPT_TOKENS, ChatServer, Fault, completion, prompt_of, running

pytest.importorskip("openai")

from textsynth.chat import retry
from textsynth.chat.archive import Archive
from textsynth.chat.budget import Budget, Caps, Prices
from textsynth.chat.client import ChatClient
from textsynth.chat.options import ServerOptions
from textsynth.chat.request import Answer, Message, Request, Sampling
from textsynth.chat.server import Server, _Connection, _Unusable
from textsynth.errors import BudgetSpent, OptionError, ServerFailure, TextsynthError

KEY = "sk-ThisIsNoRealKeyButLooksLikeOne"


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits a hundredth as long as it would."""
    monkeypatch.setattr(retry, "_FIRST", 0.005)


def echo(content: dict[str, Any]) -> str:
    return f"said {prompt_of(content)}"


def request(number: int, schema: dict[str, Any] | None = None) -> Request:
    return Request("tiny", (Message("user", f"no {number}"),), Sampling(0.7, 0.9, 30), number, schema)


NO_CAPS = Caps(None, None)


class Step:
    """What a step of a run has to ask a server with."""

    def __init__(self, server: ChatServer, folder: Path, caps: Caps = NO_CAPS, **options: Any) -> None:
        self.archive = Archive(folder)
        settings = ServerOptions(base_url=server.address, **{"timeout": 5.0, "retries": 3, **options})
        budget = Budget(caps, Prices(1.0, 1.0), self.archive)
        self.client = ChatClient(Server(settings, "tiny"), self.archive, budget)

    def ask(self, count: int = 1) -> list[str]:
        return [answer.text for answer in self.client.ask([request(number) for number in range(count)])]


@contextmanager
def serving(*faults: Fault | None, answer: Callable[[dict[str, Any]], Any] = echo, **more: Any) -> Iterator[ChatServer]:
    with running(ChatServer(answer, list(faults), **more)) as server:
        yield server


def failure(server: ChatServer, folder: Path, **options: Any) -> str:
    with pytest.raises(ServerFailure) as caught:
        Step(server, folder, **options).ask()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_is_sent_and_what_comes_back(tmp_path: Path):
    with serving() as server:
        client = Step(server, tmp_path)
        (answer,) = client.client.ask([request(7)])
    assert answer == Answer("said no 7", "stop", PROMPT_TOKENS, NEW_TOKENS)
    assert server.seen == [
        {
            "model": "tiny",
            "messages": [{"role": "user", "content": "no 7"}],
            "temperature": 0.7,
            "top_p": 0.9,
            "max_tokens": 30,
            "seed": 7,
        }
    ]


def test_answers_come_in_the_order_of_requests_whoever_is_first(tmp_path: Path):
    def slow_at_first(content: dict[str, Any]) -> Fault:
        return Fault(seconds=0.3 - 0.02 * content["seed"] if content["seed"] < 8 else 0.0)

    with serving(always=slow_at_first) as server:
        assert Step(server, tmp_path, concurrency=8).ask(20) == [f"said no {number}" for number in range(20)]
    assert 2 <= server.most <= 8


@pytest.mark.parametrize(
    "fault",
    [
        Fault(500),
        Fault(502, body="<html>Bad gateway</html>"),
        Fault(503, headers=(("Retry-After", "0"),)),
        Fault(429, headers=(("Retry-After", "0"),)),
        Fault(408),
        Fault(529),
        *map(Fault, (505, 507, 521, 523, 530)),
        Fault(cut=True),
        Fault(body=""),
        Fault(body='{"choices": [{"message": {"con'),
        Fault(body="null"),
        Fault(body='{"choices": []}'),
        Fault(body='{"choices": [{"message": null}]}'),
        Fault(body='{"choices": [{"message": {"content": ["no", "text"]}}]}'),
        Fault(body='{"error": {"message": "overloaded"}}'),
        Fault(body="<html>captive portal</html>"),
    ],
)
def test_what_may_pass_is_tried_again_and_nothing_is_lost_or_doubled(tmp_path: Path, fault: Fault):
    with serving(fault, None, fault, fault) as server:
        assert Step(server, tmp_path, concurrency=2).ask(6) == [f"said no {number}" for number in range(6)]
    assert len(server.seen) == 9
    assert server.answered == 6
    assert Archive(tmp_path).compute_usage().requests == 6


def test_a_reply_that_comes_too_late_is_asked_for_again(tmp_path: Path):
    with serving(Fault(seconds=1.0)) as server:
        assert Step(server, tmp_path, timeout=0.3).ask() == ["said no 0"]
    assert len(server.seen) == 2


def test_a_server_that_is_not_there(tmp_path: Path):
    with serving() as server:
        pass
    message = failure(server, tmp_path, retries=1)
    assert message.startswith(
        f"chat model: {server.address}, model 'tiny': gave no answer in 2 tries, the last: Connection"
    )
    assert message.endswith("; start again to go on")


def test_trying_again_has_an_end(tmp_path: Path):
    with serving(always=lambda _: Fault(500, body='{"error": {"message": "out of\\nmemory"}}')) as server:
        message = failure(server, tmp_path, retries=2)
    assert "gave no answer in 3 tries, the last: status 500, out of memory; start again to go on" in message
    assert len(server.seen) == 3


@pytest.mark.parametrize("written", ["1", "date"])
def test_a_server_that_asks_for_a_rest_gets_it_from_all_threads(tmp_path: Path, written: str):
    def rest_at_first(_: dict[str, Any]) -> Fault | None:
        value = formatdate(time.time() + 2, usegmt=True) if written == "date" else written
        return Fault(429, headers=(("Retry-After", value),)) if len(server.seen) == 1 else None

    with serving(always=rest_at_first) as server:
        assert len(Step(server, tmp_path, concurrency=2).ask(8)) == 8
    refused = server.times[0]
    early = [at for at in server.times[1:] if at < refused + 0.9]
    assert len(early) <= 2  # What the other thread had under way, and what it sent as the refusal came in.
    assert len(server.seen) == 9


def test_a_rest_of_hours_is_an_error(tmp_path: Path):
    with serving(Fault(429, headers=(("Retry-After", "7200"),), body='{"error": {"message": "quota"}}')) as server:
        assert "asks to wait 7200 seconds, too long; quota" in failure(server, tmp_path)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("status", "said", "message"),
    [
        (401, "bad key", "status 401, bad key; option 'api_key_env' must be the NAME of an environment variable"),
        (403, "no", "status 403, no; option 'api_key_env' must be"),
        (404, "no such model", "status 404, no such model; option 'model' must be one that the server has"),
        (400, "context too long", "status 400, context too long"),
        (422, "odd", "status 422, odd"),
        (501, "not implemented", "status 501, not implemented"),
    ],
)
def test_what_will_not_pass_fails_at_once(tmp_path: Path, status: int, said: str, message: str):
    body = json.dumps({"error": {"message": said, "code": None}})
    with serving(always=lambda _: Fault(status, body=body)) as server:
        assert message in failure(server, tmp_path)
    assert len(server.seen) == 1


def test_a_quota_that_is_used_up_is_no_rate_limit(tmp_path: Path):
    body = json.dumps({"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}})
    with serving(always=lambda _: Fault(429, body=body)) as server:
        assert "status 429, You exceeded your quota" in failure(server, tmp_path)
    assert len(server.seen) == 1


def test_one_failure_stops_the_others_but_what_was_answered_is_kept(tmp_path: Path):
    def some(content: dict[str, Any]) -> Fault | None:
        return Fault(400, body='{"error": "no"}') if content["seed"] == 5 else Fault(seconds=0.05)

    with serving(always=some) as server, pytest.raises(ServerFailure, match="status 400, no"):
        Step(server, tmp_path, concurrency=2).ask(40)
    assert 4 <= server.answered < 20
    assert Archive(tmp_path).compute_usage().requests == server.answered
    with serving() as again:
        assert len(Step(again, tmp_path, concurrency=2).ask(40)) == 40
    assert len(again.seen) == 40 - server.answered


def test_those_that_wait_for_another_try_give_up_when_one_has_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(retry, "_FIRST", 60.0)

    def some(content: dict[str, Any]) -> Fault:
        return Fault(500) if content["seed"] == 0 else Fault(400, seconds=0.3)

    before = time.monotonic()
    with serving(always=some) as server, pytest.raises(ServerFailure, match="status 400"):
        Step(server, tmp_path, concurrency=2).ask(2)
    assert time.monotonic() - before < 10


def test_an_answer_that_is_kept_is_not_asked_again(tmp_path: Path):
    with serving() as server:
        first = Step(server, tmp_path).ask(5)
        assert Step(server, tmp_path).ask(8)[:5] == first
    assert len(server.seen) == 8


def test_the_cap_stops_after_what_was_paid_is_kept_and_a_higher_one_goes_on(tmp_path: Path):
    answer_takes, may_take = PROMPT_TOKENS + NEW_TOKENS, 10 + 30  # About ten of the prompt, thirty at most new.
    with serving() as server:
        caps = Caps(5 * answer_takes + may_take - 1, None)
        with pytest.raises(BudgetSpent, match=r"max_tokens_total = 189 would be passed: 5 answers took 150 tokens"):
            Step(server, tmp_path, caps, concurrency=3).ask(10)
        assert server.answered == Archive(tmp_path).compute_usage().requests == 5
        assert len(Step(server, tmp_path, NO_CAPS, concurrency=3).ask(10)) == 10
    assert server.answered == len(server.seen) == 10
    assert Counter(content["seed"] for content in server.seen) == Counter(range(10))


def test_a_cap_that_is_lowered_under_what_was_spent_lets_kept_answers_through(tmp_path: Path):
    with serving() as server:
        first = Step(server, tmp_path).ask(4)
        assert Step(server, tmp_path, Caps(1, None)).ask(4) == first
        with pytest.raises(BudgetSpent):
            Step(server, tmp_path, Caps(1, None)).ask(5)


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        (completion("half", "length"), Answer("half", "length", PROMPT_TOKENS, NEW_TOKENS)),
        (completion(None, "content_filter"), Answer("", "filter", PROMPT_TOKENS, NEW_TOKENS)),
        (completion(None, "length"), Answer("", "length", PROMPT_TOKENS, NEW_TOKENS)),
        (completion("six by", usage=False), Answer("six by", "stop", 10, 2, counted=False)),
        (completion("Zoë 😀"), Answer("Zoë 😀", "stop", PROMPT_TOKENS, NEW_TOKENS)),
    ],
)
def test_how_an_answer_ended_and_who_counted_is_known(tmp_path: Path, reply: dict[str, Any], answer: Answer):
    with serving(answer=lambda _: reply) as server:
        assert Step(server, tmp_path).client.ask([request(0)]) == [answer]
    assert Archive(tmp_path).find(request(0).key()) == answer


SCHEMA = {"type": "object", "properties": {}}


def test_a_schema_is_asked_for_if_there_is_one(tmp_path: Path):
    with serving() as server:
        Step(server, tmp_path, schema="always").client.ask([request(0, SCHEMA)])
    (content,) = server.seen
    assert content["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA},
    }


def test_a_server_that_takes_no_schema_is_asked_without_from_then_on(tmp_path: Path):
    def without(content: dict[str, Any]) -> Fault | None:
        return Fault(400, body='{"error": "no schemas"}') if "response_format" in content else None

    with serving(always=without) as server:
        client = Step(server, tmp_path, concurrency=1)
        client.client.ask([request(number, SCHEMA) for number in range(4)])
        client.client.ask([request(number, SCHEMA) for number in range(4, 6)])
        assert ["response_format" in content for content in server.seen] == [True] + [False] * 6
        with pytest.raises(ServerFailure, match="status 400, no schemas"):
            Step(server, tmp_path / "2", schema="always").client.ask([request(0, SCHEMA)])
        before = len(server.seen)
        Step(server, tmp_path / "3", schema="never").client.ask([request(0, SCHEMA)])
    assert len(server.seen) == before + 1


def test_a_server_that_wants_other_names_gets_them(tmp_path: Path):
    def picky(content: dict[str, Any]) -> Fault | None:
        if "max_tokens" in content:
            return Fault(400, body='{"error": {"message": "use \'max_completion_tokens\' instead of \'max_tokens\'"}}')
        return Fault(400, body='{"detail": "unknown field: seed"}') if "seed" in content else None

    with serving(always=picky) as server:
        assert Step(server, tmp_path, concurrency=1).ask(3) == ["said no 0", "said no 1", "said no 2"]
    assert len(server.seen) == 5
    assert server.seen[-1].keys() == {"model", "messages", "temperature", "top_p", "max_completion_tokens"}


def test_the_key_goes_to_the_server_and_nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any):
    monkeypatch.setenv("MY_KEY", KEY)
    body = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}"}})
    with serving(None, Fault(500, body=body), Fault(401, body=body)) as server, caplog.at_level("DEBUG", "textsynth"):
        Step(server, tmp_path, api_key_env="MY_KEY").ask()
        with pytest.raises(ServerFailure) as caught:
            Step(server, tmp_path, api_key_env="MY_KEY").ask(2)
    assert {each["authorization"] for each in server.headers} == {f"Bearer {KEY}"}
    assert "status 401, Incorrect API key provided: [key]; option 'api_key_env'" in str(caught.value)
    shown: BaseException | None = caught.value
    while shown is not None:
        assert KEY not in repr(shown)
        shown = shown.__cause__ or (None if shown.__suppress_context__ else shown.__context__)
    assert KEY not in caplog.text
    written = b"".join(path.read_bytes() + str(path).encode() for path in tmp_path.rglob("*") if path.is_file())
    assert written
    assert KEY.encode() not in written


SLASHED = "sk/ThisIsNoRealKey/ButHas+Slashes"


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        (KEY, Fault(body=f"<html>no proxy for Bearer {KEY}</html>")),
        (KEY, Fault(body=json.dumps({"choices": [{"message": {"content": [KEY]}}]}))),
        (KEY, Fault(500, body=f"no key like {KEY}")),
        (KEY, Fault(401, body=f"no key like {KEY}")),
        (KEY, Fault(body="x" * 190 + KEY)),
        (KEY, Fault(500, body="x" * 190 + KEY)),
        (KEY, Fault(401, body=json.dumps({"error": {"message": "x" * 190 + KEY}}))),
        (SLASHED, Fault(body=json.dumps({"said": SLASHED}).replace("/", "\\/"))),
        ('sk-"quoted"-key', Fault(body=json.dumps({"said": 'sk-"quoted"-key'}))),
    ],
)
def test_no_message_has_the_key_or_a_part_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, fault: Fault
):
    monkeypatch.setenv("MY_KEY", key)
    with serving(always=lambda _: fault) as server:
        message = failure(server, tmp_path, retries=0, api_key_env="MY_KEY")
    assert "[key]" in message
    assert not any(part in message for part in (key[:6], key[-6:]))


def test_an_error_of_the_connection_is_told_without_the_key(monkeypatch: pytest.MonkeyPatch):
    def fail(**_: Any) -> None:
        raise OSError("x" * 190 + KEY)

    completions = SimpleNamespace(with_raw_response=SimpleNamespace(create=fail))
    connection = _Connection(SimpleNamespace(chat=SimpleNamespace(completions=completions)), KEY, 1.0)  # type: ignore[arg-type]
    with pytest.raises(_Unusable) as caught:
        connection.send({})
    assert str(caught.value) == "x" * 190 + "[key]"


@pytest.mark.parametrize("key", ["sk-one\nsk-two", "sk-\u00e9"])
def test_a_key_that_no_header_can_hold_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch, key: str):
    monkeypatch.setenv("MY_KEY", key)
    with pytest.raises(OptionError) as caught:
        Server(ServerOptions(api_key_env="MY_KEY"), "tiny")
    assert str(caught.value) == (
        "option 'api_key_env': the environment variable MY_KEY must hold one line of ASCII, has more"
    )


def drip(head: bytes, piece: bytes) -> Iterator[bytes]:
    """Sends a little, again and again."""
    yield head
    for _ in range(2000):
        time.sleep(0.02)
        yield piece


def flood() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n\r\n"
    while True:
        yield b" " * (1 << 20)


BOMB = zlib.compress(b" " * (64 << 20))
HOSTILE = {
    "drips its body": (lambda: drip(b"HTTP/1.1 200 OK\r\n\r\n{", b" "), r"no reply within timeout = 0\.5 seconds"),
    "drips its head": (lambda: drip(b"HTTP/1.1 200 OK\r\n", b"x-a: b\r\n"), r"no reply within timeout = 0\.5 seconds"),
    "never ends": (flood, "more than 16,777,216 bytes"),
    "promises 2 GB": (
        lambda: iter([b"HTTP/1.1 200 OK\r\ncontent-length: 2147483648\r\n\r\n", *[b" " * (1 << 20)] * 20]),
        "more than 16,777,216 bytes",
    ),
    "sends a bomb": (
        lambda: iter([b"HTTP/1.1 200 OK\r\ncontent-encoding: deflate\r\n\r\n", BOMB]),
        "a reply that is compressed",
    ),
    "sends garbage": (lambda: iter([bytes(range(256)) * 40]), "gave no answer in 1 try"),
    "sends nested JSON": (
        lambda: iter([b"HTTP/1.1 200 OK\r\n\r\n", b"[" * 1_000_000]),
        "a reply that is not of OpenAI's protocol",
    ),
    "sends nothing": (lambda: iter([]), "gave no answer in 1 try"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_server_is_bounded_in_time_and_memory(name: str, tmp_path: Path):
    raw, says = HOSTILE[name]
    timeout = 0.5 if "drips" in name else 20.0
    begin = time.monotonic()
    tracemalloc.start()
    try:
        with serving(Fault(raw=raw)) as server, pytest.raises(ServerFailure, match=says) as caught:
            Step(server, tmp_path, retries=0, timeout=timeout).ask()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "\n" not in str(caught.value)
    assert time.monotonic() - begin < 15
    assert peak < 100e6


@pytest.mark.parametrize("spell", [str, lambda key: base64.b64encode(f"Bearer {key}".encode()).decode(), str.upper])
def test_an_answer_with_the_key_in_it_is_not_kept(spell: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MY_KEY", KEY)
    said = Fault(body=json.dumps(completion(f"it is {spell(KEY)}")))
    says = "an answer with the key in it"
    with serving(always=lambda _: said) as server, pytest.raises(ServerFailure, match=says):
        Step(server, tmp_path, retries=0, api_key_env="MY_KEY").ask()
    assert not list(tmp_path.rglob("*.json"))


def test_a_silent_server_is_left_at_once_when_the_run_is_to_stop(tmp_path: Path):
    silent = Fault(raw=lambda: drip(b"HTTP/1.1 200 OK\r\n\r\n", b" "))

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    begin = time.monotonic()
    with serving(None, silent) as server:
        step = Step(server, tmp_path, concurrency=2, timeout=30.0)
        with pytest.raises(KeyboardInterrupt):
            step.client.ask([request(0), request(1)], stop_after_first(stop))
    assert time.monotonic() - begin < 10


def stop_after_first(stop: Callable[[int], None]) -> Callable[[int], None]:
    """Calls what stops a run as soon as there is an answer."""
    return lambda number: stop(number) if number else None


def test_no_key_is_sent_if_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with serving() as server:
        Step(server, tmp_path).ask()
    assert KEY not in str(server.headers)


def test_a_variable_that_is_not_set_is_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("MY_KEY", raising=False)
    with pytest.raises(OptionError) as caught:
        Server(ServerOptions(api_key_env="MY_KEY"), "tiny")
    assert str(caught.value) == ("option 'api_key_env': the environment variable MY_KEY must hold the key, is not set")


@pytest.mark.parametrize("given", [KEY, "hf_abcDEF", "my key", "1KEY"])
def test_a_key_instead_of_a_name_is_refused_and_not_shown(given: str):
    with pytest.raises(OptionError) as caught:
        ServerOptions(api_key_env=given)
    assert "option 'api_key_env' must be the NAME of an environment variable" in str(caught.value)
    assert given not in str(caught.value)


@pytest.mark.parametrize("given", ["http://me:secret@host/v1", "https://host/v1?key=secret", "http://secret@host"])
def test_an_address_with_a_secret_is_refused_and_not_shown(given: str):
    with pytest.raises(OptionError) as caught:
        ServerOptions(base_url=given)
    assert "option 'base_url' must have no name, password or query in it" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("given", ["localhost:8000", "ftp://host", "http://", "http://[", 3])
def test_an_address_that_is_none_is_refused(given: Any):
    with pytest.raises(TextsynthError, match="option 'base_url' must begin with http:// or https:// and a host, was: "):
        ServerOptions(base_url=given)
