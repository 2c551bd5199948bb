"""The requirement files name one version of each package for each Python, and it is the one in use."""

from __future__ import annotations

import importlib.metadata
import pathlib

import pytest
from packaging.requirements import Requirement

ROOT = pathlib.Path(__file__).resolve().parents[2]
ASKED_FOR = {
    "tensorflow",
    "keras",
    "tensorflow-addons",
    "tensorflow-serving-api",
    "numpy",
    "opencv-python",
    "absl-py",
}


def read_requirements(name: str) -> list[Requirement]:
    lines = (ROOT / name).read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-r"))]


ALL = read_requirements("requirements.txt") + read_requirements("requirements-dev.txt")


@pytest.mark.parametrize("python", ["3.9", "3.10", "3.11"])
def test_every_python_gets_each_package_once(python):
    names = [r.name for r in ALL if r.marker is None or r.marker.evaluate({"python_version": python})]
    assert sorted(names) == sorted({r.name for r in ALL})


def test_the_packages_asked_for_are_pinned():
    pinned = {r.name for r in read_requirements("requirements.txt") if str(r.specifier).startswith("==")}
    assert pinned >= ASKED_FOR


def test_what_is_installed_is_what_is_pinned():
    for requirement in ALL:
        if requirement.marker is None or requirement.marker.evaluate():
            installed = importlib.metadata.version(requirement.name)
            assert requirement.specifier.contains(installed, prereleases=True), (requirement, installed)
