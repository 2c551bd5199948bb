"""Runs the studio until Ctrl-C or SIGTERM."""

from __future__ import annotations

import socket
import webbrowser

import uvicorn
from starlette.applications import Starlette


def serve(app: Starlette, host: str, port: int, open_browser: bool) -> None:
    """Serves on host:port, 0 for a free one; prints the page's address once it answers.

    Raises OSError where the address is taken.
    """
    listener = socket.create_server((host, port))
    address = f"http://{host}:{listener.getsockname()[1]}/"
    print(f"The studio is open at {address}", flush=True)
    if open_browser:
        webbrowser.open(address)
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
    with listener:
        uvicorn.Server(config).run(sockets=[listener])
