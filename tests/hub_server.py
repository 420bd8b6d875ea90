"""A small hub on the loopback address that takes datasets and remembers what it was sent."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlparse

TOKEN = "hf_ThisIsNoRealTokenButLooksLikeOne"


@dataclass
class Hub:
    """What a hub holds.

    Args:
        refuse: the status it answers everything with; 0 for none.
        silent_at: the last part of the paths that it never answers; empty for none.
        ended: is set when the hub is to end.
        repositories: whether each is private.
        files: the content by repository and path.
        tokens: what came as authorization.
    """

    refuse: int = 0
    silent_at: str = ""
    ended: threading.Event = field(default_factory=threading.Event)
    repositories: dict[str, bool] = field(default_factory=dict)
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    address: str = ""

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        """Returns status and JSON."""
        if self.refuse:
            return self.refuse, {"error": "not for you"}
        parts = urlparse(path).path.strip("/").split("/")
        if parts == ["api", "whoami-v2"]:
            return 200, {"name": "me", "type": "user", "orgs": []}
        if parts == ["api", "repos", "create"]:
            return self._create(json.loads(body))
        if parts == ["api", "validate-yaml"]:
            return 200, {"errors": [], "warnings": []}
        name = "/".join(parts[2:4])
        if parts[:2] != ["api", "datasets"] or name not in self.repositories:
            return 404, {"error": f"no {method} {path}"}
        if parts[4:] in ([], ["revision", "main"]):
            private = self.repositories[name]
            return 200, {"id": name, "private": private, "sha": "1" * 40, "siblings": [], "tags": [], "downloads": 0}
        if parts[4] == "preupload":
            asked = json.loads(body)["files"]
            return 200, {
                "files": [{"path": each["path"], "uploadMode": "regular", "shouldIgnore": False} for each in asked]
            }
        if parts[4] == "commit":
            return self._commit(name, body)
        if parts[4] == "tree":
            return 200, []
        return 404, {"error": f"no {method} {path}"}

    def _create(self, asked: dict[str, Any]) -> tuple[int, Any]:
        name = f"{asked.get('organization') or 'me'}/{asked['name']}"
        url = f"{self.address}/datasets/{name}"
        if name in self.repositories:
            return 409, {"error": "You already created this dataset repo", "url": url}
        self.repositories[name] = bool(asked.get("private") or asked.get("visibility") == "private")
        return 200, {"url": url, "name": name}

    def _commit(self, name: str, body: bytes) -> tuple[int, Any]:
        for line in body.splitlines():
            entry = json.loads(line)
            if entry["key"] == "file":
                content = base64.b64decode(entry["value"]["content"])
                self.files.setdefault(name, {})[entry["value"]["path"]] = content
        return 200, {
            "success": True,
            "commitOid": "2" * 40,
            "commitUrl": f"{self.address}/datasets/{name}/commit/{'2' * 40}",
        }


@contextlib.contextmanager
def running(hub: Hub) -> Iterator[Hub]:
    """Serves a hub while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            hub.tokens.add(self.headers.get("authorization", ""))
            if hub.silent_at and hub.silent_at in self.path.split("/"):
                hub.ended.wait(60)
            status, content = hub.answer(self.command, self.path, self._body())
            raw = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(raw)))
            if status >= 400:
                self.send_header("x-error-message", content["error"])
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = do_PUT = do_HEAD = handle_any  # noqa: N815

        def _body(self) -> bytes:
            if self.headers.get("transfer-encoding") == "chunked":
                chunks = []
                while size := int(self.rfile.readline(), 16):
                    chunks.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(chunks)
            return self.rfile.read(int(self.headers.get("content-length", 0)))

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)  # Stops at once.
    thread.start()
    try:
        yield hub
    finally:
        hub.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
