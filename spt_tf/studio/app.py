"""The small server behind the page: what it may ask, and the page's own files."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from importlib import resources
from typing import Any

import anyio
from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from spt_tf import anatomy
from spt_tf.data.parsing_maps import encode_parsing_map
from spt_tf.studio import messages
from spt_tf.studio.gallery import Gallery
from spt_tf.studio.messages import BadMessage
from spt_tf.studio.model import ModelError, StudioModel
from spt_tf.studio.pictures import UnusablePicture, read_dropped
from spt_tf.studio.safety import LOOPBACK, middleware

_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def studio_app(model: StudioModel, gallery: Gallery, hosts: tuple[str, ...] = LOOPBACK) -> Starlette:
    """The studio as an ASGI application.

    hosts: names under which it may be asked for; anything else is refused, as a page that another site's
        name was pointed at would send.
    """
    studio = _Studio(model, gallery)
    routes: list[BaseRoute] = [
        *_page_routes(),
        Route("/api/studio", studio.facts),
        Route("/api/people/{number:int}", studio.person),
        Route("/people/{number:int}.png", studio.picture),
        Route("/api/draw", studio.draw, methods=["POST"]),
        Route("/api/dropped", studio.dropped, methods=["POST"]),
        Route("/api/map.png", studio.map_file, methods=["POST"]),
    ]
    handlers: dict[Any, Callable] = {
        BadMessage: _answers(400),
        UnusablePicture: _answers(400),
        ModelError: _model_failed,
    }
    return Starlette(routes=routes, middleware=middleware(hosts), exception_handlers=handlers)


class _Studio:
    """One model, asked by one request at a time: it uses every core by itself."""

    def __init__(self, model: StudioModel, gallery: Gallery):
        self._model, self._gallery = model, gallery
        self._turn = anyio.CapacityLimiter(1)

    async def facts(self, request: Request) -> Response:
        """What the page has to know once."""
        return JSONResponse(
            {
                "title": self._model.title,
                "canvas": self._model.canvas,
                "predictsParsing": self._model.predicts_parsing,
                "joints": anatomy.JOINTS,
                "limbs": anatomy.LIMBS,
                "mirroredJoints": anatomy.MIRRORED_JOINTS,
                "jointColours": anatomy.JOINT_COLOURS,
                "labels": anatomy.LABELS,
                "labelColours": anatomy.LABEL_COLOURS,
                "people": self._gallery.people,
                "poses": [messages.write_keypoints(pose) for pose in self._gallery.poses],
            }
        )

    async def person(self, request: Request) -> Response:
        """A person of the gallery."""
        number = request.path_params["number"]
        try:
            person = await run_sync(self._gallery.person, number)
        except IndexError:
            return JSONResponse({"error": f"no person {number}"}, 404)
        return JSONResponse({"name": self._gallery.people[number], **_written(person)})

    async def picture(self, request: Request) -> Response:
        """Their picture."""
        try:
            png = await run_sync(self._gallery.picture, request.path_params["number"])
        except IndexError:
            return Response(status_code=404)
        return Response(png, media_type="image/png")

    async def draw(self, request: Request) -> Response:
        """`{person, pose, parsing or null}` -> `{image, parsing, milliseconds}`.

        On the given parsing, else on the one that the model predicts.
        """
        message = await _json(request)
        canvas = self._model.canvas
        person = messages.read_person(message, "person", canvas)
        pose = messages.read_keypoints(message, "pose", canvas)
        if message.get("parsing") is None:
            if not self._model.predicts_parsing:
                raise BadMessage("this model predicts no map: paint one to draw on")
            start = time.perf_counter()
            image, parsing = await self._ask(self._model.transfer_pose, *person, pose)
        else:
            parsing = messages.read_labels(message, "parsing", canvas)
            start = time.perf_counter()
            image = await self._ask(self._model.render, *person, parsing, pose)
        milliseconds = round(1000 * (time.perf_counter() - start))
        image, parsing = messages.write_array(image), messages.write_array(parsing)
        return JSONResponse({"image": image, "parsing": parsing, "milliseconds": milliseconds})

    async def dropped(self, request: Request) -> Response:
        """A picture file's bytes -> `{image or null, labels or null, fit}`."""
        found = await run_sync(read_dropped, await request.body(), self._model.canvas)
        arrays = {"image": found.image, "labels": found.labels}
        written = {
            name: None if array is None else messages.write_array(array) for name, array in arrays.items()
        }
        return JSONResponse({**written, "fit": found.fit._asdict()})

    async def map_file(self, request: Request) -> Response:
        """`{parsing}` -> an indexed PNG in the labels' colours."""
        labels = messages.read_labels(await _json(request), "parsing", self._model.canvas)
        return Response(encode_parsing_map(labels), media_type="image/png")

    async def _ask(self, call: Callable, *arguments: Any) -> Any:
        return await run_sync(call, *arguments, limiter=self._turn)


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


async def _json(request: Request) -> Any:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise BadMessage("expected content of type application/json")
    try:
        message = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise BadMessage("expected JSON") from None
    if not isinstance(message, dict):
        raise BadMessage("expected a JSON object")
    return message


def _written(person: messages.SentPerson) -> dict[str, Any]:
    return {
        "image": messages.write_array(person.image),
        "parsing": messages.write_array(person.parsing),
        "keypoints": messages.write_keypoints(person.keypoints),
    }


def _answers(status: int) -> Callable:
    async def answer(request: Request, error: Exception) -> Response:
        return JSONResponse({"error": str(error)}, status)

    return answer


async def _model_failed(request: Request, error: ModelError) -> Response:
    return JSONResponse({"error": str(error)}, 503 if error.gone else 502)
