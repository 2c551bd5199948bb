"""Reads who imports whom in a source tree, and says which rules that breaks."""

from __future__ import annotations

import ast
import pathlib
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

PROJECT = ("spt_tf", "export", "scripts")


class Import(NamedTuple):
    """`importer` (a module) imports `target`: a module of the project where there is one, else as written."""

    importer: str
    line: int
    target: str


def modules(root: pathlib.Path) -> dict[str, pathlib.Path]:
    """Every module of the project's folders under `root`, by its dotted name."""
    files = [path for folder in PROJECT for path in sorted((root / folder).rglob("*.py"))]
    return {_module_name(path.relative_to(root)): path for path in files}


def all_imports(root: pathlib.Path) -> list[Import]:
    """Every import, wherever it stands: in functions and under `if TYPE_CHECKING` too."""
    known = modules(root)
    return [
        Import(name, line, _resolve(target, known))
        for name, path in known.items()
        for line, target in _imports(ast.parse(path.read_text()), name, path.name == "__init__.py")
    ]


def room_of(module: str) -> str:
    """The room of a module of `spt_tf`: its first folder, or the module itself where it lies in none."""
    return module.split(".")[1] if module.count(".") else ""


def breaks_of_rooms(root: pathlib.Path, may_import: Mapping[str, Collection[str] | None]) -> list[str]:
    """Imports that a room's row does not allow; None allows every room. A room needs a row."""
    breaks = []
    for name in modules(root):
        if name.startswith("spt_tf.") and room_of(name) not in may_import:
            breaks.append(f"{name}: no rule says what {room_of(name)} may import")
    for importer, line, target in all_imports(root):
        room = room_of(importer)
        allowed = may_import.get(room)
        if not importer.startswith("spt_tf."):
            continue
        if target.split(".")[0] in ("export", "scripts"):
            breaks.append(f"{importer}:{line}: the library imports {target}")
        elif target.startswith("spt_tf.") and allowed is not None and room_of(target) not in {room, *allowed}:
            breaks.append(f"{importer}:{line}: {room} imports {target}")
    return breaks


def breaks_of_packages(root: pathlib.Path, only_in: Mapping[str, Collection[str]]) -> list[str]:
    """Imports of a package from elsewhere than the modules, or rooms, that may (prefixes of their names)."""
    return [
        f"{importer}:{line}: only {', '.join(owners)} may import {package}"
        for importer, line, target in all_imports(root)
        for package, owners in only_in.items()
        if _is_in(target, package) and not any(_is_in(importer, owner) for owner in owners)
    ]


def breaks_of_islands(root: pathlib.Path, islands: Collection[str]) -> list[str]:
    """Imports of anything else of the project from packages that stand by themselves."""
    return [
        f"{importer}:{line}: {island} imports {target}"
        for importer, line, target in all_imports(root)
        for island in islands
        if _is_in(importer, island) and target.split(".")[0] in PROJECT and not _is_in(target, island)
    ]


def cycles(root: pathlib.Path) -> list[str]:
    """Modules that import each other in a circle, one circle a line."""
    graph: dict[str, set[str]] = {name: set() for name in modules(root)}
    for importer, _, target in all_imports(root):
        if target in graph and target != importer:
            graph[importer].add(target)
    found, done, path = [], set(), []

    def visit(name: str) -> None:
        if name in path:
            found.append(" -> ".join([*path[path.index(name) :], name]))
        elif name not in done:
            path.append(name)
            for target in sorted(graph[name]):
                visit(target)
            path.pop()
            done.add(name)

    for name in sorted(graph):
        visit(name)
    return found


def pushes_onto_the_path(root: pathlib.Path) -> list[str]:
    """Where `sys.path` is changed."""
    return [
        f"{name}:{node.lineno}: sys.path"
        for name, path in modules(root).items()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.path"
    ]


def _module_name(path: pathlib.Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(tree: ast.Module, name: str, is_package: bool) -> Iterator[tuple[int, str]]:
    package = name.split(".") if is_package else name.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def _resolve(target: str, known: Mapping[str, pathlib.Path]) -> str:
    """The module that an imported name stands in, where it is one of the project's."""
    module = target
    while module and module not in known:
        module = module.rpartition(".")[0]
    return module or target


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")
