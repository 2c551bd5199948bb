"""What the studio answers, and whom it refuses."""

from __future__ import annotations

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from spt_tf.applications.pose_sequence.interpolation import poses_between
from spt_tf.applications.pose_sequence.steady_poses import outside_is_missing
from spt_tf.studio import safety
from spt_tf.studio.app import studio_app
from spt_tf.studio.messages import write_array, write_keypoints
from tests.studio.conftest import CANVAS, sent
from tests.studio.live import LiveStudio


@pytest.fixture(scope="module")
def client(model, gallery):
    with LiveStudio(studio_app(model, gallery)) as studio:
        yield studio


def _labels(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(CANVAS)


def test_the_page_and_all_it_names_are_there(client):
    page = client.get("/")
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    for name in ("main.js", "base.css", "layout.css", "editors.css", "icon.svg"):
        assert name in page.text
        assert client.get(f"/{name}").status_code == 200


def test_a_person_goes_out_and_comes_back_drawn(client, gallery, model, two_people):
    person, other = two_people
    told = client.get("/api/people/0").json()
    assert told["name"] == gallery.people[0]
    assert (_labels(told["parsing"]) == gallery.person(0).parsing).all()
    wish = {"person": sent(person), "pose": write_keypoints(other.keypoints), "parsing": None}
    drawn = client.post("/api/draw", json=wish).json()
    expected = model.transfer_pose(*person, np.float32(wish["pose"]))
    assert base64.b64decode(drawn["image"]) == expected.image.tobytes()
    assert (_labels(drawn["parsing"]) == expected.parsing).all()
    assert client.get("/api/people/999").status_code == 404


def test_an_edit_changes_the_map(client, two_people):
    person, _ = two_people
    asked = {"parsing": write_array(person.parsing), "pose": write_keypoints(person.keypoints)}
    edited = client.post("/api/edit", json={**asked, "edits": {"bottom": "skirt"}})
    assert edited.status_code == 200
    assert (_labels(edited.json()["parsing"]) == 5).any()
    nowhere = {**asked, "pose": [[-1, -1]] * 18, "edits": {"sleeves": "long"}}
    refused = client.post("/api/edit", json=nowhere)
    assert refused.status_code == 400 and "no arm shows" in refused.json()["error"]


def test_a_map_is_saved_as_labels_not_as_colours(client, two_people):
    labels = two_people[0].parsing
    answer = client.post("/api/map.png", json={"parsing": write_array(labels)})
    picture = Image.open(io.BytesIO(answer.body))
    assert picture.mode == "P" and (np.array(picture) == labels).all()


def _sequence(first: np.ndarray, last: np.ndarray, person, **more) -> dict:
    ends = {"from": write_keypoints(first), "to": write_keypoints(last)}
    return {"person": sent(person), **ends, "frames": 3, "clothes": None, **more}


def test_a_sequence_comes_frame_by_frame(client, model, two_people):
    person, other = two_people
    asked = _sequence(person.keypoints, other.keypoints, person)
    lines = [json.loads(line) for line in client.post("/api/sequence", json=asked).text.splitlines()]
    poses = outside_is_missing(poses_between(person.keypoints, other.keypoints, 3), CANVAS)
    frames = [frame.tobytes() for frame in model.frames(person, poses)]
    assert [base64.b64decode(line["image"]) for line in lines] == frames
    gif = client.post("/api/sequence.gif", json={"frames": [line["image"] for line in lines]})
    assert Image.open(io.BytesIO(gif.body)).n_frames == 3


def test_a_sequence_that_breaks_off_says_why(client, two_people):
    person, other = two_people
    clothes = {
        "donor": {**sent(other), "parsing": write_array(np.zeros(CANVAS))},
        "labels": ["hair"],
        "shape": False,
    }
    asked = _sequence(person.keypoints, other.keypoints, person, clothes=clothes)
    answer = client.post("/api/sequence", json=asked)
    assert json.loads(answer.text.splitlines()[-1]) == {
        "error": "the source wears no hair: there is nothing to copy"
    }
    assert client.post("/api/sequence", json={**asked, "frames": 65}).json()["error"].startswith("frames: ")


def test_a_picture_without_joints_and_map_is_looked_at(model, gallery, two_people):
    person, _ = two_people

    class Finder:
        def find(self, image):
            assert (image == person.image).all()
            return person

    file = io.BytesIO()
    Image.fromarray(person.image).save(file, "PNG")
    with LiveStudio(studio_app(model, gallery, Finder())) as studio:
        found = studio.post("/api/dropped", file.getvalue()).json()
    assert found["keypoints"] == write_keypoints(person.keypoints)
    assert (_labels(found["parsing"]) == person.parsing).all()


@pytest.mark.parametrize(
    "content, kind, told",
    [
        (b"{", "application/json", "expected JSON"),
        (b"[1]", "application/json", "expected a JSON object"),
        (b"[" * 100_000, "application/json", "expected JSON"),
        (b"{}", "application/json", "person: expected dict"),
        (b"{}", "text/plain", "expected content of type application/json"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(client, content, kind, told):
    answer = client.post("/api/draw", content, headers={"content-type": kind})
    assert (answer.status_code, answer.json()["error"]) == (400, told)


@pytest.mark.parametrize(
    "path", ["/../pyproject.toml", "/..%2f..%2fpyproject.toml", "/api.py", "/people/x.png"]
)
def test_no_path_of_a_request_is_opened(client, path):
    assert client.get(path).status_code == 404


def test_everything_comes_with_a_content_security_policy(client):
    for answer in (client.get("/"), client.get("/nothing"), client.post("/api/draw", b"")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy and "http" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "192.168.0.7"])
def test_another_host_is_refused(client, host):
    assert client.get("/api/studio", headers={"host": host}).status_code == 400
    assert client.get("/api/studio", headers={"host": "127.0.0.1:8642"}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://localhost", "http://127.0.0.1:1"])
def test_another_origin_is_refused(client, origin):
    answer = client.post("/api/map.png", json={}, headers={"origin": origin})
    assert answer.status_code == 403
    assert client.post("/api/map.png", json={}, headers={"origin": client.address}).status_code == 400


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_page_may_link_here_and_no_more(client, site):
    by_link = {"sec-fetch-site": site, "sec-fetch-mode": "navigate"}
    assert client.get("/", headers=by_link).status_code == 200
    assert client.get("/people/0.png", headers={"sec-fetch-site": site}).status_code == 403
    assert client.get("/api/people/0", headers=by_link).status_code == 403


def test_a_large_body_is_refused_before_it_is_read(client, monkeypatch):
    headers = {"content-length": str(safety.MAX_BODY_BYTES + 1)}  # and not a byte of it
    assert client.post("/api/dropped", b"", headers=headers).status_code == 413
    monkeypatch.setattr(safety, "MAX_BODY_BYTES", 1000)
    chunks = (bytes(400) for _ in range(4))  # without an announced length
    assert client.post("/api/dropped", chunks).status_code == 413
    assert client.post("/api/dropped", bytes(900)).status_code == 400  # no picture, but read
