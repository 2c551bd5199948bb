"""The project as a stranger gets it: its wheel in a fresh environment, away from the checkout, offline."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import sysconfig
import zipfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
OPTIONAL = ("apache_beam", "torch", "starlette", "uvicorn")  # of the extras that the tests do without
# Imports every module of the installed project; prints each one's file, or the error that it ends in.
IMPORT_ALL = """
import importlib, json, pkgutil, sys
import spt_tf
imported = {}
for found in pkgutil.walk_packages(spt_tf.__path__, "spt_tf."):
    try:
        imported[found.name] = importlib.import_module(found.name).__file__
    except ModuleNotFoundError as error:
        imported[found.name] = f"no {error.name}"
json.dump(imported, sys.stdout)
"""
HEAVY = "raise ImportError('--help must not import ' + __name__)\n"


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> pathlib.Path:
    """A copy of what a checkout holds, so that nothing is built in the tree."""
    copy = tmp_path_factory.mktemp("source")
    unwanted = shutil.ignore_patterns("__pycache__", ".*", "golden")
    for path in ROOT.iterdir():
        if path.is_file() and not path.name.startswith("."):
            shutil.copy(path, copy)
    for folder in ("spt_tf", "export", "scripts", "tests"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=unwanted)
    (copy / "datasets" / "demo").mkdir(parents=True)
    (copy / "datasets" / "demo" / "somebody.jpg").write_bytes(b"not for strangers")
    return copy


@pytest.fixture(scope="module")
def wheel(source) -> pathlib.Path:
    """Built by the setuptools that is installed: no network."""
    _run(
        *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"),
        *("--wheel-dir", str(source / "wheels"), str(source)),
    )
    (built,) = (source / "wheels").glob("spt_tf-*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory) -> pathlib.Path:
    """A fresh environment with the wheel in it, which sees the packages that run the tests besides."""
    made = tmp_path_factory.mktemp("stranger") / "venv"
    _run(sys.executable, "-m", "venv", "--without-pip", str(made))
    python = made / "bin" / "python"
    (packages,) = (made / "lib").glob("python*/site-packages")
    ours = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (packages / "the_packages_of_the_tests.pth").write_text("\n".join(sorted(ours)) + "\n")
    _run(
        *(sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"),
        *("--no-deps", "--no-index", "--no-warn-script-location", str(wheel)),
    )
    return made


def _run(*command: str, cwd: pathlib.Path | None = None, **variables: str) -> str:
    """A command's output, in an environment in which nothing leads to the checkout."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, cwd=cwd, env={**inherited, **variables}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


def _scripts(environment: pathlib.Path) -> list[pathlib.Path]:
    return sorted((environment / "bin").glob("spt-*"))


def test_the_wheel_holds_the_library_whole_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.split("/")[0].endswith(".dist-info")}
        described = [name for name in archive.namelist() if name.endswith(("/LICENSE", "/NOTICE"))]
    files = [
        path for path in (ROOT / "spt_tf").rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]
    assert names == {path.relative_to(ROOT).as_posix() for path in files}
    assert len(described) == 2


def test_the_source_distribution_holds_no_tests_and_no_data(source):
    code = "import setuptools.build_meta as build; print(build.build_sdist('wheels'))"
    name = _run(sys.executable, "-c", code, cwd=source).split()[-1]
    names = {
        path.split("/", 1)[1]
        for path in _run("tar", "-tzf", str(source / "wheels" / name)).splitlines()
        if not path.endswith("/")
    }
    assert {"LICENSE", "NOTICE", "CITATION.cff", "README.md", "pyproject.toml"} <= names
    folders = {path.split("/")[0] for path in names if "/" in path}
    assert folders == {"spt_tf", "spt_tf.egg-info"}


def test_every_module_is_imported_from_there(environment, tmp_path):
    told = json.loads(_run(str(environment / "bin" / "python"), "-c", IMPORT_ALL, cwd=tmp_path))
    modules = {path.relative_to(ROOT).with_suffix("").as_posix() for path in (ROOT / "spt_tf").rglob("*.py")}
    names = {name.replace("/", ".").removesuffix(".__init__") for name in modules} - {"spt_tf"}
    assert set(told) == names
    elsewhere = {
        name: where
        for name, where in told.items()
        if not where.startswith(str(environment)) and where.removeprefix("no ").split(".")[0] not in OPTIONAL
    }
    assert elsewhere == {}


def test_every_command_tells_its_flags_without_tensorflow(environment, tmp_path):
    for module in ("tensorflow", "keras", "torch", "apache_beam"):
        (tmp_path / f"{module}.py").write_text(HEAVY)
    commands = _scripts(environment)
    for command in commands:
        told = _run(str(command), "--help", cwd=tmp_path, PYTHONPATH=str(tmp_path))
        assert "\nFlags:\n" in told or command.name == "spt-train", command.name
    modules = (ROOT / "spt_tf" / "commands").glob("*.py")
    assert len(commands) == sum("\nrun = " in path.read_text() for path in modules)


def test_a_command_names_itself_as_it_was_called(environment, tmp_path):
    command = str(environment / "bin" / "spt-train")
    told = subprocess.run([command, "--run_dir=r"], cwd=tmp_path, capture_output=True, text=True)
    assert told.returncode == 2
    assert told.stderr.startswith("spt-train: --data_dir: expected a data directory")
