"""The questions that the page asks: JSON in, JSON or a file out."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any, Protocol

import anyio
import numpy as np
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from spt_tf import anatomy
from spt_tf.applications.parsing_edits.bottoms import HEMS
from spt_tf.applications.parsing_edits.edits import edit_parsing
from spt_tf.applications.parsing_edits.hair import HAIR
from spt_tf.applications.parsing_edits.sleeves import SLEEVES
from spt_tf.applications.pose_sequence.interpolation import poses_between
from spt_tf.applications.pose_sequence.moving_pictures import encode_gif, enlarged
from spt_tf.applications.pose_sequence.steady_poses import outside_is_missing
from spt_tf.data.parsing_maps import encode_parsing_map
from spt_tf.studio import messages
from spt_tf.studio.draw import Artist, Clothes, Granted, Wish
from spt_tf.studio.gallery import Gallery
from spt_tf.studio.messages import BadMessage
from spt_tf.studio.model import ModelError, StudioModel
from spt_tf.studio.pictures import read_dropped
from spt_tf.studio.pose_files import read_dropped_pose

_MOST_FRAMES = 64  # of a sequence one waits for
_GIF_HEIGHT, _FPS = 256, 12


class Finder(Protocol):
    """What finds a person in a picture: a `perception.finder.PersonFinder`."""

    def find(self, image: np.ndarray) -> Any:
        """Of uint8 `[H,W,3]` its parsing uint8 `[H,W]` and keypoints `[18,2]`, fields of the answer."""


class Api:
    """One model, asked by one request at a time: it uses every core by itself."""

    def __init__(self, model: StudioModel, gallery: Gallery, finder: Finder | None):
        self._model, self._gallery, self._finder = model, gallery, finder
        self._artist = Artist(model)
        self._turn = anyio.CapacityLimiter(1)

    def routes(self) -> list[BaseRoute]:
        """What is answered under which path."""
        return [
            Route("/api/studio", self.facts),
            Route("/api/people/{number:int}", self.person),
            Route("/people/{number:int}.png", self.picture),
            Route("/api/draw", self.draw, methods=["POST"]),
            Route("/api/edit", self.edit, methods=["POST"]),
            Route("/api/dropped", self.dropped, methods=["POST"]),
            Route("/api/pose", self.pose, methods=["POST"]),
            Route("/api/map.png", self.map_file, methods=["POST"]),
            Route("/api/sequence", self.sequence, methods=["POST"]),
            Route("/api/sequence.gif", self.gif, methods=["POST"]),
        ]

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
                "mostFrames": _MOST_FRAMES,
                "framesPerSecond": _FPS,
                "edits": {"sleeves": list(SLEEVES), "bottom": list(HEMS), "hair": list(HAIR)},
                "people": self._gallery.people,
                "first": self._gallery.first,
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
        written = {
            "image": messages.write_array(person.image),
            "parsing": messages.write_array(person.parsing),
            "keypoints": messages.write_keypoints(person.keypoints),
        }
        return JSONResponse({"name": self._gallery.people[number], **written})

    async def picture(self, request: Request) -> Response:
        """Their picture."""
        try:
            png = await run_sync(self._gallery.picture, request.path_params["number"])
        except IndexError:
            return Response(status_code=404)
        return Response(png, media_type="image/png")

    async def draw(self, request: Request) -> Response:
        """`{person, pose, parsing, clothes}` -> `{image, parsing, donorImage, remarks, milliseconds}`.

        parsing and clothes, `{donor, labels, shape}`, may be null, and so may donorImage.
        """
        wish = self._wish(await _json(request))
        start = time.perf_counter()
        granted: Granted = await run_sync(self._artist.draw, wish, limiter=self._turn)
        milliseconds = round(1000 * (time.perf_counter() - start))
        back = granted.donor
        return JSONResponse(
            {
                "image": messages.write_array(granted.person.image),
                "parsing": messages.write_array(granted.person.parsing),
                "donorImage": None if back is None else messages.write_array(back.image),
                "remarks": granted.remarks,
                "milliseconds": milliseconds,
            }
        )

    async def edit(self, request: Request) -> Response:
        """`{parsing, pose, edits}` -> `{parsing}`: sleeves, bottom, hem, top_hem, hair, by name."""
        message = await _json(request)
        parsing = messages.read_labels(message, "parsing", self._model.canvas)
        pose = messages.read_keypoints(message, "pose", self._model.canvas)
        edited: np.ndarray = await run_sync(
            edit_parsing, parsing, pose, messages.read_edits(message, "edits")
        )
        return JSONResponse({"parsing": messages.write_array(edited)})

    async def dropped(self, request: Request) -> Response:
        """A picture file's bytes -> `{image, labels, size, parsing, keypoints}`.

        It is an image or a label map, and the other is null; so are parsing and keypoints where nobody looks
        for a person in an image.
        """
        picture = await run_sync(read_dropped, await request.body(), self._model.canvas)
        answer: dict[str, Any] = {"size": picture.fit.size, "parsing": None, "keypoints": None}
        for name, array in (("image", picture.image), ("labels", picture.labels)):
            answer[name] = None if array is None else messages.write_array(array)
        if picture.image is not None and self._finder is not None:
            found = await run_sync(self._finder.find, picture.image, limiter=self._turn)
            answer["parsing"] = messages.write_array(np.asarray(found.parsing))
            answer["keypoints"] = messages.write_keypoints(np.asarray(found.keypoints))
        return JSONResponse(answer)

    async def pose(self, request: Request) -> Response:
        """`{name, document, size}` of a pose file -> `{pose}`; size: of the picture it goes with, or null."""
        message = await _json(request)
        size = message.get("size")
        if size is not None:
            sides = {"height": size[0], "width": size[1]} if isinstance(size, list) and len(size) == 2 else {}
            size = tuple(messages.read_number(sides, side, 1, 1 << 20) for side in ("height", "width"))
        name = messages.read_field(message, "name", str)[:100]
        document = message.get("document")
        keypoints = await run_sync(read_dropped_pose, document, name, self._model.canvas, size)
        return JSONResponse({"pose": messages.write_keypoints(keypoints)})

    async def map_file(self, request: Request) -> Response:
        """`{parsing}` -> an indexed PNG in the labels' colours."""
        labels = messages.read_labels(await _json(request), "parsing", self._model.canvas)
        return Response(encode_parsing_map(labels), media_type="image/png")

    async def sequence(self, request: Request) -> Response:
        """`{person, from, to, frames, clothes}` -> a line of JSON for each frame as it is made: `{image}`.

        Where it breaks off the last line is `{error}`.
        """
        message = await _json(request)
        canvas = self._model.canvas
        first, last = (messages.read_keypoints(message, end, canvas) for end in ("from", "to"))
        count = messages.read_number(message, "frames", 2, _MOST_FRAMES)
        poses = outside_is_missing(poses_between(first, last, count), canvas)
        person = messages.read_person(message, "person", canvas)
        return StreamingResponse(
            self._lines(self._artist.frames(person, poses, self._clothes(message))),
            media_type="application/x-ndjson",
        )

    async def _lines(self, frames: Iterator[np.ndarray]) -> AsyncIterator[str]:
        try:
            while (frame := await run_sync(next, frames, None, limiter=self._turn)) is not None:
                yield json.dumps({"image": messages.write_array(frame)}) + "\n"
        except (ValueError, ModelError) as error:
            yield json.dumps({"error": str(error)}) + "\n"

    async def gif(self, request: Request) -> Response:
        """`{frames}`, images -> an animated GIF, enlarged to what one can look at."""
        message = await _json(request)
        frames = messages.read_pictures(message, "frames", self._model.canvas)
        if len(frames) > 2 * _MOST_FRAMES:
            raise BadMessage(f"frames: expected at most {2 * _MOST_FRAMES}, got {len(frames)}")
        larger = max(1, round(_GIF_HEIGHT / self._model.canvas[0]))
        content = await run_sync(encode_gif, [enlarged(frame, larger) for frame in frames], _FPS)
        return Response(content, media_type="image/gif")

    def _wish(self, message: dict[str, Any]) -> Wish:
        canvas = self._model.canvas
        person = messages.read_person(message, "person", canvas)
        pose = messages.read_keypoints(message, "pose", canvas)
        parsing = None
        if message.get("parsing") is not None:
            parsing = messages.read_labels(message, "parsing", canvas)
        return Wish(person, pose, parsing, self._clothes(message))

    def _clothes(self, message: dict[str, Any]) -> Clothes | None:
        if message.get("clothes") is None:
            return None
        asked = messages.read_field(message, "clothes", dict)
        return Clothes(
            donor=messages.read_person(asked, "donor", self._model.canvas),
            labels=messages.read_label_names(asked, "labels"),
            shape=messages.read_field(asked, "shape", bool, "clothes."),
        )


async def _json(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise BadMessage("expected content of type application/json")
    try:
        message = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise BadMessage("expected JSON") from None
    if not isinstance(message, dict):
        raise BadMessage("expected a JSON object")
    return message
