"""The event loop that gRPC runs on: one a process, in a thread of its own."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Coroutine
from typing import Any


@functools.lru_cache(maxsize=1)
def event_loop() -> asyncio.AbstractEventLoop:
    """Starts it at the first call. All servers of a process share it: gRPC's loops disturb one another."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="event-loop", daemon=True).start()
    return loop


def run_on_loop(coroutine: Coroutine) -> Any:
    """Runs a coroutine there and waits for its result."""
    return asyncio.run_coroutine_threadsafe(coroutine, event_loop()).result()
