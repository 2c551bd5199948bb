"""Runs the studio until Ctrl-C or SIGTERM. Imports nothing that takes long."""

from __future__ import annotations

import os
import socket
import sys
import webbrowser

import uvicorn
from starlette.applications import Starlette


def open_port(host: str, port: int) -> socket.socket:
    """Takes host:port, 0 for a free one, before a model is loaded. Raises OSError where it is taken."""
    try:
        return socket.create_server((host, port))
    except OSError as error:
        problem = os.strerror(error.errno) if error.errno else str(error)
        raise OSError(f"--port={port}: {problem}; 0 takes a free one") from error


def serve(app: Starlette, listener: socket.socket, open_browser: bool) -> None:
    """Serves there; prints the page's address first."""
    host, port = listener.getsockname()[:2]
    address = f"http://{host}:{port}/"
    print(f"The studio is open at {address}", flush=True)
    if open_browser and _has_screen():
        webbrowser.open(address)
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
    with listener:
        uvicorn.Server(config).run(sockets=[listener])


def _has_screen() -> bool:
    """Without one, `webbrowser` would open a text browser in the terminal."""
    return not sys.platform.startswith("linux") or bool({"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys())
