"""A small OpenAI-compatible server on the loopback address that answers, and misbehaves, as it is told to.

It is no model. `obedient` reads the prompt that comes with textsynth and writes sentences that do as it says, for tests
of all that lies between a recipe and a server; what a model makes of a prompt is tested with models.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PROMPT_TOKENS, NEW_TOKENS = 10, 20
"""What each answer is said to have taken."""

_SPEC = re.compile(r"^(\d+)\.(.*)$", re.MULTILINE)
_MENTION = re.compile(r'"((?:[^"]|"(?! \())*)" \(([^()]+)\)')
_WORDS = (
    "amber brisk calm dusty early faint grand happy icy jolly keen late mild new odd plain quiet rare soft tall".split()
)


@dataclass(frozen=True)
class Fault:
    """How one request is treated badly.

    Args:
        status: of the reply.
        headers: more of them.
        body: what is sent; the usual answer if None.
        cut: whether the connection ends in the middle of the body.
        raw: pieces of the whole reply, sent as they are, with a moment between; they may never end.
        seconds: to wait before anything is sent.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    cut: bool = False
    raw: Callable[[], Iterator[bytes]] | None = None
    seconds: float = 0.0


@dataclass
class ChatServer:
    """What a server does and has seen.

    Args:
        answer: what it says to a request, as text or as a whole reply.
        faults: how the first requests are treated, one after the other; None treats one well.
        always: how each request is treated once those are through, by its content.
        seen: the content of each request, in the order they came.
        times: when they came, in seconds of the monotonic clock.
        headers: of each.
        answered: how many got an answer that is whole.
        most: requests under way at one time, at most.
    """

    answer: Callable[[dict[str, Any]], Any]
    faults: list[Fault | None] = field(default_factory=list)
    always: Callable[[dict[str, Any]], Fault | None] = lambda _: None
    seen: list[dict[str, Any]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answered: int = 0
    most: int = 0
    address: str = ""
    _under_way: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, content: dict[str, Any], headers: dict[str, str]) -> Fault | None:
        with self._lock:
            self.seen.append(content)
            self.times.append(time.monotonic())
            self.headers.append(headers)
            self._under_way += 1
            self.most = max(self.most, self._under_way)
            return self.faults.pop(0) if self.faults else self.always(content)

    def end(self, answered: bool) -> None:
        with self._lock:
            self._under_way -= 1
            self.answered += answered

    def reply(self, content: dict[str, Any]) -> str:
        said = self.answer(content)
        return json.dumps(said if isinstance(said, dict) else completion(said))


def completion(text: str | None, finish: str = "stop", usage: bool = True) -> dict[str, Any]:
    """Returns a whole reply."""
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}
    counts = {"prompt_tokens": PROMPT_TOKENS, "completion_tokens": NEW_TOKENS, "total_tokens": 30}
    return {"id": "1", "object": "chat.completion", "choices": [choice], **({"usage": counts} if usage else {})}


def prompt_of(content: dict[str, Any]) -> str:
    """Returns what the user asks."""
    return str(content["messages"][-1]["content"])


def obedient(content: dict[str, Any]) -> str:
    """Writes as many sentences as asked for, each with its mentions and none else, and lists those."""
    prompt = prompt_of(content)
    count = int(re.search(r": (\d+)(?:, each unlike the others)?\.$", prompt, re.MULTILINE)[1])  # type: ignore[index]
    specs = {int(number): _MENTION.findall(rest) for number, rest in _SPEC.findall(prompt)}
    listed = '"mentions": [' in prompt.rpartition("Answer with")[2]
    kinds = re.findall(r"^- (\w+)", prompt.partition("Kinds of mentions:")[2].partition("\n\n")[0], re.MULTILINE)
    if listed and kinds and "The mentions given" not in prompt:
        specs = {number: [(f"Q{content['seed'] % 97}", kinds[number % len(kinds)])] for number in range(1, count + 1)}
    rows = [_sentence(specs.get(number, []), content["seed"] * 100 + number) for number in range(1, count + 1)]
    return json.dumps({"sentences": rows if listed else [row["text"] for row in rows]}, ensure_ascii=False)


def marking(known: Mapping[str, str]) -> Callable[[dict[str, Any]], str]:
    """Returns what marks these words, each with its label, in the text that the prompt of the labeler `chat` shows."""

    def mark(content: dict[str, Any]) -> str:
        text = prompt_of(content).partition("\nText:\n")[2].rpartition("\n\nAnswer with")[0]
        found = [{"text": words, "label": label} for words, label in known.items() if words in text]
        return json.dumps({"text": text[:9], "mentions": found}, ensure_ascii=False)

    return mark


def _sentence(mentions: Sequence[tuple[str, str]], number: int) -> dict[str, Any]:
    words = []
    for _ in range(5):
        number, word = divmod(number, len(_WORDS))
        words.append(_WORDS[word])
    text = "; ".join([f"it is {' '.join(words)}", *(text for text, _ in mentions)]) + " ."
    return {"text": text, "mentions": [{"text": text, "label": label} for text, label in mentions]}


@contextlib.contextmanager
def running(server: ChatServer) -> Iterator[ChatServer]:
    """Serves while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length", 0)))
            content = json.loads(raw)
            fault = server.begin(content, {name.lower(): value for name, value in self.headers.items()}) or Fault()
            answered = False
            try:
                if fault.raw is not None:
                    self._send_raw(fault.raw())
                else:
                    answered = self._send(fault, fault.body if fault.body is not None else server.reply(content))
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True
            finally:
                server.end(answered)

        def _send_raw(self, pieces: Iterator[bytes]) -> None:
            self.close_connection = True
            for piece in pieces:
                self.wfile.write(piece)
                self.wfile.flush()

        def _send(self, fault: Fault, body: str) -> bool:
            time.sleep(fault.seconds)
            raw = body.encode("utf-8", "surrogatepass")
            self.send_response(fault.status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(raw)))
            for name, value in fault.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw[: len(raw) // 2] if fault.cut else raw)
            self.wfile.flush()
            self.close_connection = fault.cut or self.close_connection
            return not fault.cut and fault.status == 200 and fault.body is None

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as service:
        service.daemon_threads = True
        server.address = f"http://127.0.0.1:{service.server_port}/v1"
        thread = threading.Thread(target=service.serve_forever, args=(0.01,), daemon=True)  # Stops at once.
        thread.start()
        try:
            yield server
        finally:
            service.shutdown()
            thread.join()
