"""A studio on a free port of the loopback, in a thread of this process."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterable
from typing import Any, NamedTuple

import uvicorn
from starlette.applications import Starlette


class Answer(NamedTuple):
    status_code: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


class LiveStudio:
    """Runs from `start` to `stop`, and again; always at the same address."""

    def __init__(self, app: Starlette):
        self._app = app
        self._port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        listener = socket.create_server(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        self._server = uvicorn.Server(uvicorn.Config(self._app, log_level="error", lifespan="off"))
        self._thread = threading.Thread(target=self._run, args=(listener,))
        self._thread.start()

    def _run(self, listener: socket.socket) -> None:
        with listener:
            self._server.run(sockets=[listener])

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()

    def __enter__(self) -> LiveStudio:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        return self._ask("GET", path, None, headers or {})

    def post(
        self,
        path: str,
        content: bytes | Iterable[bytes] = b"",
        json: Any = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        headers = dict(headers or {})
        if json is not None:
            content, headers["content-type"] = _json_bytes(json), "application/json"
        return self._ask("POST", path, content, headers)

    def _ask(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()


def _json_bytes(value: Any) -> bytes:
    return json.dumps(value).encode()
