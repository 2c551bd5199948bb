"""A small untrained run, a few paper dolls, and a studio of them in this process."""

from __future__ import annotations

import pathlib

import numpy as np
import pytest

from spt_tf.applications.person_picture import PersonPicture
from spt_tf.data.datasets import load_people
from spt_tf.inference import load_finished_run
from spt_tf.paper_dolls.dataset import DatasetPlan, write_dataset
from spt_tf.studio.gallery import Gallery
from spt_tf.studio.model import RunModel
from tests.untrained_run import write_untrained_run

CANVAS = (64, 32)


@pytest.fixture(scope="session")
def run_dir(tmp_path_factory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("studio") / "run"
    write_untrained_run(folder, CANVAS, filter_scale=4.0)
    return folder


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("studio") / "dolls"
    write_dataset(folder, DatasetPlan(CANVAS, seed=5, num_train=1, num_test_pairs=4), processes=1)
    return folder


@pytest.fixture(scope="session")
def model(run_dir) -> RunModel:
    return RunModel(load_finished_run(str(run_dir)), "tiny")


@pytest.fixture(scope="session")
def gallery(data_dir) -> Gallery:
    return Gallery(load_people(data_dir, "test", CANVAS))


@pytest.fixture
def two_people(gallery) -> tuple[PersonPicture, PersonPicture]:
    """Two who both wear a top."""
    top = [
        gallery.person(n) for n in range(len(gallery.people)) if (gallery.person(n).parsing == 3).sum() > 40
    ]
    return top[0], top[-1]


def sent(person: PersonPicture) -> dict:
    """A person as the page sends one."""
    from spt_tf.studio.messages import write_array, write_keypoints

    return {
        "image": write_array(person.image),
        "parsing": write_array(person.parsing),
        "keypoints": write_keypoints(np.asarray(person.keypoints)),
    }


@pytest.fixture(scope="session")
def studio(model, gallery):
    """A running studio."""
    from spt_tf.studio.app import studio_app
    from tests.studio.live import LiveStudio

    with LiveStudio(studio_app(model, gallery)) as studio:
        yield studio


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium, driven by Playwright."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    from tests.studio.studio_page import CHROMIUM

    if CHROMIUM is None:
        pytest.skip("no chromium here: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def desk(browser, studio):
    """The page of `studio`, with a person on it; at the end no complaint and no foreign request."""
    from tests.studio.studio_page import StudioPage

    page = StudioPage(browser, studio.address)
    yield page
    page.close()
    assert page.complaints == []
    assert [url for url in page.requests if not url.startswith((studio.address, "blob:", "data:"))] == []
