"""The table of equations in docs/method.md names files and functions that exist."""

from __future__ import annotations

import ast
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
METHOD = ROOT / "docs" / "method.md"


def _table() -> list[tuple[str, str]]:
    text = METHOD.read_text(encoding="utf8").split("## Symbols")[0]
    return re.findall(r"^\| (.+?) \| (`.+`) \|$", text, flags=re.MULTILINE)


def _defined(path: pathlib.Path) -> set[str]:
    """Names of functions and classes, methods as Class.method."""
    names = set()
    for node in ast.parse(path.read_text(encoding="utf8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
            if isinstance(node, ast.ClassDef):
                names |= {f"{node.name}.{m.name}" for m in node.body if isinstance(m, ast.FunctionDef)}
    return names


def missing(where: str) -> list[str]:
    """Of the places in a cell, file:name or further names of the same file, those that are not there."""
    lacking, path = [], None
    for place in re.findall(r"`([^`]+)`", where):
        file, _, name = place.rpartition(":") if ":" in place else ("", "", place)
        if place.endswith(".py"):
            file, name = place, ""
        if file:
            path = ROOT / file
        if not path.is_file() or (name and name not in _defined(path)):
            lacking.append(place)
    return lacking


@pytest.mark.parametrize("equation, where", _table(), ids=lambda cell: cell[:40])
def test_every_equation_stands_where_the_table_says(equation, where):
    assert missing(where) == []


def test_the_table_is_read_at_all():
    assert len(_table()) > 30


def test_a_wrong_place_is_noticed():
    assert missing("`spt_tf/losses/pose.py:no_such_loss`") == ["spt_tf/losses/pose.py:no_such_loss"]
    assert missing("`spt_tf/losses/no_such_file.py:pose_loss`") == ["spt_tf/losses/no_such_file.py:pose_loss"]
    assert missing("`spt_tf/losses/adversarial.py:generator_loss`, `no_such_loss`") == ["no_such_loss"]
