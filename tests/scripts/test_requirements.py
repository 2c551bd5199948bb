"""The requirement files name one version of each package for each Python, and it is the one in use."""

from __future__ import annotations

import importlib.metadata
import pathlib
import re
import sys

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

EXTRAS = ("beam", "torch", "mediapipe")
EVERYTHING = ALL + [one for extra in EXTRAS for one in read_requirements(f"requirements-{extra}.txt")]


@pytest.mark.parametrize("python", ["3.9", "3.10", "3.11"])
def test_every_python_gets_each_package_once(python):
    names = [r.name for r in ALL if r.marker is None or r.marker.evaluate({"python_version": python})]
    assert sorted(names) == sorted({r.name for r in ALL})


def test_the_packages_asked_for_are_pinned():
    pinned = {r.name for r in read_requirements("requirements.txt") if str(r.specifier).startswith("==")}
    assert pinned >= ASKED_FOR


def _project() -> list[Requirement]:
    """What pyproject.toml asks for, all extras too. Python 3.9 and 3.10 come without a TOML reader."""
    text = (ROOT / "pyproject.toml").read_text()
    section = text.partition("\n[project]\n")[2].partition("\n[project.scripts]\n")[0]
    lists = re.findall(r"^(\S+) = \[(.*?)\](?: *#.*)?$", section, flags=re.MULTILINE | re.DOTALL)
    found = [Requirement(text) for _, items in lists for text in re.findall(r'"([^"]+)"', items)]
    return [one for one in found if one.name != "spt-tf"]


@pytest.mark.parametrize("pinned", EVERYTHING, ids=str)
def test_the_project_s_range_holds_what_is_pinned(pinned):
    (asked,) = [one for one in _project() if one.name.lower() == pinned.name.lower()] or [None]
    if pinned.name == "wheel":
        assert asked is None  # builds the project, and does not run it
        return
    for version in re.findall(r"==([\w.]+)", str(pinned.specifier)):
        assert asked.specifier.contains(version, prereleases=True), (asked, pinned)


def test_the_project_asks_for_nothing_that_is_not_pinned():
    assert {one.name for one in _project()} <= {one.name for one in EVERYTHING}


@pytest.mark.skipif(
    not (pathlib.Path(sys.prefix) / ".installed-dev").exists(),
    reason="an environment that scripts/environment.sh has not made may hold other versions",
)
def test_what_is_installed_is_what_is_pinned():
    for requirement in ALL:
        if requirement.marker is None or requirement.marker.evaluate():
            installed = importlib.metadata.version(requirement.name)
            assert requirement.specifier.contains(installed, prereleases=True), (requirement, installed)
