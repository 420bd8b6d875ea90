"""Any OpenAI-compatible server as a back-end: vLLM, llama.cpp, Ollama, `transformers serve`, OpenAI itself.

What may pass is tried again: errors of the server, rate limits, time-outs, connections that break, replies that make no
sense. What will not pass fails at once: a key that is refused, a model that is not there, a request that is wrong.
"""

from __future__ import annotations

import base64
import html
import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from textsynth.chat.options import ServerOptions
from textsynth.chat.request import Answer, Ask, Finish, Request, tokens_in
from textsynth.chat.retry import RateLimit, back_off, rest, retry_after, wait_for
from textsynth.errors import MissingDependency, OptionError, ServerFailure
from textsynth.foundation.distribution import say_how_to_install
from textsynth.foundation.plural import tell_count

if TYPE_CHECKING:
    import openai

_PASSING = frozenset({408, 409, 425, 429})
"""Statuses under 500 that may pass: time-out, conflict, too early, too many requests."""
_NEVER_PASSING = 501
"""The one status from 500 on that does not pass: "not implemented"."""
_ADAPTABLE = frozenset({400, 422, 501})
"""Statuses that may mean that one field of the request is not known to the server."""
_LONGEST_REST = 900.0
"""Seconds; a server that asks for a longer rest ends the run."""
_FINISH: dict[str, Finish] = {"length": "length", "content_filter": "filter"}
_LONGEST_QUOTE = 200
"""Characters of what a server said that a message quotes."""
_NO_KEY = "none"
"""The client wants a key, even for servers that want none."""


class Server:
    """Asks a server, one request at a time on each thread.

    Args:
        options: its address, and how patient to be.
        model: the name it knows the model by.
    """

    batch = 1

    def __init__(self, options: ServerOptions, model: str) -> None:
        self.concurrency = options.concurrency
        self._options, self._model = options, model
        self._key = read_key(options.api_key_env)
        self._dialect = _Dialect(options.schema)
        self._rate_limit = RateLimit()

    @contextmanager
    def open_connection(self, failed: threading.Event) -> Iterator[Ask]:
        """Opens connections; gives the function that answers requests, each in as many tries as `retries` allows.

        Its errors: ServerFailure if the server refuses, or fails too often; Stopped if another request has failed.
        """
        import openai

        from textsynth.chat.bounded_client import bounded_client

        key, seconds = self._key or _NO_KEY, self._options.timeout
        with openai.OpenAI(
            api_key=key,
            base_url=self._options.base_url,
            timeout=seconds,
            max_retries=0,
            http_client=bounded_client(seconds),
        ) as client:
            connection = _Connection(client, self._key, seconds, failed)
            yield lambda requests: [self._answer(request, connection, failed) for request in requests]

    def _answer(self, request: Request, connection: _Connection, failed: threading.Event) -> Answer:
        reason = ""
        for attempt in range(self._options.retries + 1):
            self._rate_limit.wait_for_turn(failed)
            try:
                return self._try(request, connection)
            except _Unusable as error:
                reason = str(error)
                if error.rest is not None:
                    self._rate_limit.hold(error.rest)
            if attempt < self._options.retries:
                rest(back_off(attempt), failed)
        tries = tell_count(self._options.retries + 1, "try", "tries")
        raise ServerFailure(
            f"{self._address_and_model}: gave no answer in {tries}, the last: {reason}; start again to go on"
        )

    def _try(self, request: Request, connection: _Connection) -> Answer:
        """Sends a request once, and again at once if the server does not take a field that can be left out."""
        while True:
            body = self._dialect.body(request)
            try:
                answer = _read_answer(connection.send(body), request, connection.quote)
                if connection.has_key(answer.text):
                    raise _Unusable("an answer with the key in it")
                return answer
            except _Refused as refused:
                if not self._dialect.adapt(body, refused):
                    raise ServerFailure(f"{self._address_and_model}: {refused}{_advice(refused.status)}") from None

    @property
    def _address_and_model(self) -> str:
        return f"chat model: {self._options.base_url}, model {self._model!r}"


class _Connection:
    """Connections to a server; nothing that is raised here knows the key."""

    def __init__(self, client: openai.OpenAI, key: str, timeout: float, failed: threading.Event | None = None) -> None:
        self._client, self._timeout, self._failed = client, timeout, failed or threading.Event()
        self._spellings = _list_spellings(key)

    def send(self, body: dict[str, Any]) -> str:
        """Returns the body of the reply.

        Raises:
            _Unusable: for what may pass.
            _Refused: for what will not.
            Stopped: if another request has failed for good meanwhile.
        """
        import openai

        try:
            return wait_for(lambda: self._ask(body), self._timeout, self._failed)
        except TimeoutError:
            raise _Unusable(f"no reply within timeout = {self._timeout:g} seconds") from None
        except openai.APIStatusError as error:
            raise self._classify(error) from None
        except openai.APITimeoutError:
            raise _Unusable(f"no reply within timeout = {self._timeout:g} seconds") from None
        except (openai.OpenAIError, OSError, ValueError) as error:
            raise _Unusable(self.quote(f"{error} {error.__cause__ or ''}")) from None

    def _ask(self, body: dict[str, Any]) -> str:
        reply = self._client.chat.completions.with_raw_response.create(**body)
        return str(reply.http_response.text)

    def quote(self, text: str) -> str:
        """Returns what a server said as a message may show it: one short line, and no key in it."""
        for spelling in self._spellings:  # Before the cut, which might leave the first half of a key.
            text = re.sub(re.escape(spelling), "[key]", text, flags=re.IGNORECASE)
        return " ".join(text.split())[:_LONGEST_QUOTE]

    def has_key(self, text: str) -> bool:
        """Says whether a text has the key in it, in some spelling."""
        lowered = text.lower()
        return any(spelling.lower() in lowered for spelling in self._spellings)

    def _classify(self, error: openai.APIStatusError) -> _Unusable | _Refused:
        said = self.quote(_server_message(error))
        quota = "insufficient_quota" in f"{error.code} {error.type}"
        if not _may_pass(error.status_code) or quota:
            return _Refused(error.status_code, said)
        asked = retry_after(error.response.headers)
        if asked is not None and asked > _LONGEST_REST:
            return _Refused(error.status_code, f"asks to wait {asked:.0f} seconds, too long; {said}")
        return _Unusable(f"status {error.status_code}, {said}", asked)


class _Dialect:
    """Which fields a server takes, as far as it has shown until now."""

    def __init__(self, schema: str) -> None:
        self._optional = schema == "auto"
        self._left_out: frozenset[str] = frozenset({"response_format"} if schema == "never" else ())
        self._cap = "max_tokens"

    def body(self, request: Request) -> dict[str, Any]:
        """Returns what is sent."""
        body: dict[str, Any] = {
            "model": request.model,
            "messages": [asdict(each) for each in request.messages],
            "temperature": request.sampling.temperature,
            "top_p": request.sampling.top_p,
            self._cap: request.sampling.longest,
            "seed": request.seed,
        }
        if request.schema is not None:
            schema = {"name": "answer", "strict": True, "schema": dict(request.schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return {name: value for name, value in body.items() if name not in self._left_out}

    def adapt(self, body: dict[str, Any], refused: _Refused) -> bool:
        """Remembers for all further requests which field is not taken; says whether to try again without it."""
        if refused.status not in _ADAPTABLE:
            return False
        if "max_completion_tokens" in str(refused) and "max_tokens" in body:
            self._cap = "max_completion_tokens"
        elif "seed" in str(refused) and "seed" in body:
            self._left_out |= {"seed"}
        elif "response_format" in body and self._optional:
            self._left_out |= {"response_format"}
        else:
            return False
        return True


class _Unusable(Exception):
    """A try that failed and may succeed the next time.

    Args:
        reason: what happened.
        rest: the seconds that the server asks to wait; None if it does not ask.
    """

    def __init__(self, reason: str, rest: float | None = None) -> None:
        super().__init__(reason)
        self.rest = rest


class _Refused(Exception):
    """The server will not answer, however often it is asked.

    Args:
        status: of the reply.
        said: what the server says about it.
    """

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"status {status}, {said}")
        self.status = status


def read_key(name: str) -> str:
    """Returns the key that an environment variable holds, empty for no name.

    Raises:
        OptionError: if the variable is not set, or holds what no header can; the client's own error would show that.
        MissingDependency: if the client is not installed.
    """
    import importlib.util

    if importlib.util.find_spec("openai") is None:
        raise MissingDependency(f"chat model: the openai client is not installed; {say_how_to_install('chat')}")
    key = os.environ.get(name, "").strip() if name else ""
    if name and not key:
        raise OptionError(f"option 'api_key_env': the environment variable {name} must hold the key, is not set")
    if not (key.isascii() and key.isprintable()):
        raise OptionError(
            f"option 'api_key_env': the environment variable {name} must hold one line of ASCII, has more"
        )
    return key


def _list_spellings(key: str) -> list[str]:
    """Returns how a key may be written in a reply, which is mostly JSON; the longest first."""
    if not key:
        return []
    spellings = {key, json.dumps(key)[1:-1], key.replace("/", r"\/"), quote(key, safe=""), html.escape(key)}
    spellings |= {"".join(f"\\u{ord(each):04x}" for each in key), key.encode().hex(), key[::-1]}
    for said in (key, f"Bearer {key}"):
        coded = base64.b64encode(said.encode()).decode().rstrip("=")
        spellings |= {coded, coded.replace("+", "-").replace("/", "_")}
    return sorted(spellings, key=len, reverse=True)


def _may_pass(status: int) -> bool:
    """Says whether a status is of an error that another try may not meet."""
    return status in _PASSING or (status >= 500 and status != _NEVER_PASSING)


def _read_answer(reply: str, request: Request, quote: Callable[[str], str]) -> Answer:
    """Reads a reply.

    Args:
        reply: its body.
        request: what it answers.
        quote: makes of a text what a message may show of it.

    Raises:
        _Unusable: if it is cut off in the middle, or not what this interface promises.
    """
    try:
        content = json.loads(reply)
        choice = content["choices"][0]
        message = choice["message"]
        text, refusal = message.get("content") or "", message.get("refusal")
        finish = _FINISH.get(choice.get("finish_reason"), "stop")
        usage = content.get("usage") or {}
        prompt, new = usage.get("prompt_tokens"), usage.get("completion_tokens")
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise _Unusable(f"a reply that is not of OpenAI's protocol: {quote(reply) or 'nothing'}") from None
    if not isinstance(text, str):
        raise _Unusable(f"a reply without text: {quote(reply)}")
    finish = "filter" if refusal and not text else finish
    # A server need not count tokens; then they are estimated.
    if isinstance(prompt, int) and isinstance(new, int):
        return Answer(text, finish, prompt, new)
    return Answer(text, finish, request.prompt_tokens(), tokens_in(text), counted=False)


def _server_message(error: openai.APIStatusError) -> str:
    """Returns what the server says about an error."""
    body = error.body
    inner = body.get("error", body) if isinstance(body, dict) else body
    message = inner.get("message") or inner.get("detail") if isinstance(inner, dict) else inner
    return str(message or error.response.text or "no words")


def _advice(status: int) -> str:
    """Returns which option is probably wrong, for the end of a message."""
    if status in (401, 403):
        return "; option 'api_key_env' must be the NAME of an environment variable with a key that is good here"
    if status == 404:
        return (
            "; option 'model' must be one that the server has, and 'base_url' its address, mostly with /v1 at its end"
        )
    return ""
