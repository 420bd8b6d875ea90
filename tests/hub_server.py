"""A small hub on the loopback address that gives models, takes datasets, and remembers what was asked and sent."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlparse

COMMIT = "1" * 40
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
        models: the content of the files of models, by repository and path.
        given: the files of models that were fetched.
        tokens: what came as authorization.
    """

    refuse: int = 0
    silent_at: str = ""
    ended: threading.Event = field(default_factory=threading.Event)
    repositories: dict[str, bool] = field(default_factory=dict)
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    models: dict[str, dict[str, bytes]] = field(default_factory=dict)
    given: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    address: str = ""

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        """Returns status and JSON, or the bytes of a file."""
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
            given = self._give(method, parts)
            return (404, {"error": f"no {method} {path}"}) if given is None else (200, given)
        if parts[4:] in ([], ["revision", "main"]):
            private = self.repositories[name]
            return 200, {"id": name, "private": private, "sha": COMMIT, "siblings": [], "tags": [], "downloads": 0}
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

    def _give(self, method: str, parts: list[str]) -> Any:
        """Returns what is asked of a model: what it is, its files, or the content of one; None if it is nothing."""
        if parts[:2] == ["api", "models"] and (name := "/".join(parts[2:4])) in self.models:
            files = [
                {"type": "file", "path": file, "rfilename": file, "size": len(content), "oid": "3" * 40}
                for file, content in self.models[name].items()
            ]
            about = {"id": name, "sha": COMMIT, "siblings": files, "private": False, "tags": [], "downloads": 0}
            return files if parts[4:5] == ["tree"] else about
        content = self.models.get("/".join(parts[:2]), {}).get(parts[-1]) if parts[2:4] == ["resolve", COMMIT] else None
        self.given += [parts[-1]] if content is not None and method == "GET" else []
        return content

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
            raw = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("etag", f'"{hashlib.sha256(raw).hexdigest()}"')
            self.send_header("x-repo-commit", COMMIT)
            self.send_header("content-length", str(len(raw)))
            if status >= 400:
                self.send_header("x-error-message", content["error"])
            self.end_headers()
            if self.command != "HEAD":
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # Of a client that was to give up.
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
