"""The small server behind the page: the page's own files, what it may ask, and what keeps others away."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from spt_tf.studio.api import Api, Finder
from spt_tf.studio.gallery import Gallery
from spt_tf.studio.model import ModelError, StudioModel
from spt_tf.studio.safety import LOOPBACK, middleware

_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def studio_app(
    model: StudioModel, gallery: Gallery, finder: Finder | None = None, hosts: tuple[str, ...] = LOOPBACK
) -> Starlette:
    """The studio as an ASGI application.

    finder: looks for joints and map in pictures that come without; None: they are set by hand.
    hosts: names under which it may be asked for; anything else is refused, as a page that another site's
        name was pointed at would send.
    """
    # ValueError: what the page sent, or wishes, cannot be; every module of ours says why in a sentence.
    handlers: dict[Any, Callable] = {ValueError: _refused, ModelError: _model_failed}
    routes = [*_page_routes(), *Api(model, gallery, finder).routes()]
    return Starlette(routes=routes, middleware=middleware(hosts), exception_handlers=handlers)


def _page_routes() -> list[BaseRoute]:
    """A route for each of the page's files, read once: no path of a request is ever opened."""
    routes: list[BaseRoute] = []
    for file in resources.files("spt_tf.studio").joinpath("page").iterdir():
        suffix = file.name[file.name.rfind(".") :]
        if suffix in _TYPES:
            path = "/" if file.name == "index.html" else f"/{file.name}"
            routes.append(Route(path, _constant(file.read_bytes(), _TYPES[suffix])))
    return routes


def _constant(content: bytes, media_type: str) -> Callable:
    async def answer(request: Request) -> Response:
        return Response(content, media_type=media_type)

    return answer


async def _refused(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 400)


async def _model_failed(request: Request, error: ModelError) -> Response:
    return JSONResponse({"error": str(error)}, 503 if error.gone else 502)
