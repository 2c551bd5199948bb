"""What keeps other pages and giant requests away from a studio on the loopback."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("localhost", "127.0.0.1")
MAX_BODY_BYTES = 32 << 20
_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}


class _TooLarge(Exception):
    """A body without an announced length went over the limit."""


class SameOriginOnly:
    """Refuses what another page's script, form or image sends: with status 403."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and _is_foreign(scope):
            refusal = JSONResponse({"error": "refused: the request came from another page"}, 403)
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class BodyLimit:
    """Refuses bodies over MAX_BODY_BYTES with status 413: by the announced length, before a byte is read."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = _headers(scope).get("content-length", "0")
        refusal = JSONResponse({"error": f"expected at most {MAX_BODY_BYTES >> 20} MB"}, 413)
        if not announced.isdecimal() or int(announced) > MAX_BODY_BYTES:
            await refusal(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MAX_BODY_BYTES:
                raise _TooLarge
            return message

        try:
            await self._app(scope, counted, send)
        except _TooLarge:
            await refusal(scope, receive, send)


class SafeHeaders:
    """Adds a content security policy and its companions to every answer."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        await self._app(scope, receive, with_headers)


def middleware(hosts: tuple[str, ...]) -> list[Middleware]:
    """The outermost first. hosts: names under which the studio may be asked for."""
    return [
        Middleware(SafeHeaders),
        Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
        Middleware(SameOriginOnly),
        Middleware(BodyLimit),
    ]


def _is_foreign(scope: Scope) -> bool:
    headers = _headers(scope)
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
    if origin is not None and origin != f"{scope['scheme']}://{headers.get('host', '')}":
        return True
    # "none": typed into the address bar. A link from elsewhere may open the page, and nothing more.
    opens_the_page = scope["path"] == "/" and headers.get("sec-fetch-mode") == "navigate"
    return site not in ("same-origin", "none") and not opens_the_page


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
