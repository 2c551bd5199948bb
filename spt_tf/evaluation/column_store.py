"""Columns kept row by row on disk while they are made, so that an interrupted evaluation carries on."""

from __future__ import annotations

import json
import math
import os
import pathlib
import shutil
from collections.abc import Iterable, Mapping

import numpy as np

from spt_tf.data.atomic_write import write_whole
from spt_tf.data.file_reading import UnreadableFile, read_json_object, reading

_INDEX = "index.json"


class ColumnStore:
    """A folder of one file a column, raw rows one after the other, and an index of their types and shapes.

    The index also holds what is being measured, and results that have taken the place of columns.

    rows: how many rows all columns have. result: what `replace` was given; None before.
    """

    def __init__(self, folder: str | os.PathLike, identity: Mapping[str, object]):
        """Opens the store; one of another identity (weights, data, metrics, pairs) is begun anew."""
        self._folder = pathlib.Path(folder)
        self._identity = json.loads(json.dumps(identity))
        self._columns: dict[str, tuple[str, list[int]]] = {}  # name -> type, shape of a row
        self.rows = 0
        self.result: dict | None = None
        if not self._read():
            self.clear()

    @property
    def names(self) -> tuple[str, ...]:
        """The columns there are."""
        return tuple(self._columns)

    def clear(self) -> None:
        """Begins anew."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._columns, self.rows, self.result = {}, 0, None
        self._write_index()

    def append(self, columns: Mapping[str, np.ndarray]) -> None:
        """Adds rows and hands them to the operating system.

        Raises ValueError for other columns, types or shapes than those of the rows before.
        """
        types = {
            name: (values.dtype.newbyteorder("<").str, list(values.shape[1:]))
            for name, values in columns.items()
        }
        counts = {name: len(values) for name, values in columns.items()}
        if self.rows == 0 and not self._columns:
            self._columns = types
            self._write_index()
        if types != self._columns or len(set(counts.values())) != 1:
            raise ValueError(f"expected rows of {self._columns}, got {types} with {counts} rows")
        for name, values in columns.items():
            with open(self._path(name), "ab") as file:
                file.write(np.ascontiguousarray(values, types[name][0]).tobytes())
        self.rows += next(iter(counts.values()))

    def read(self, name: str) -> np.ndarray:
        """A column: `[rows, ...]`."""
        kind, shape = self._columns[name]
        return np.fromfile(self._path(name), kind).reshape(self.rows, *shape)

    def replace(self, names: Iterable[str], result: dict) -> None:
        """Keeps a result, of the kinds that JSON has, in the place of columns."""
        given_up = list(names)
        self.result = result
        for name in given_up:
            del self._columns[name]
        self._write_index()
        for name in given_up:
            self._path(name).unlink()

    def _read(self) -> bool:
        """Takes up what is there, cut to the rows that all columns have.

        False where that is another's, or damaged.
        """
        sizes = {}
        try:
            with reading(self._folder / _INDEX, "index"):
                index = read_json_object(self._folder / _INDEX)
                if index["identity"] != self._identity:
                    return False
                self._columns = {name: (kind, shape) for name, (kind, shape) in index["columns"].items()}
                self.result = index["result"]
                bounds = [int(index["rows"])] if self.result is not None else []
                for name, (kind, shape) in self._columns.items():
                    sizes[name] = np.dtype(kind).itemsize * math.prod(shape)
                    path = self._path(name)
                    bounds.append(path.stat().st_size // sizes[name] if path.exists() else 0)
        except UnreadableFile:
            return False
        self.rows = min(bounds, default=0)
        for name, size in sizes.items():
            with open(self._path(name), "ab") as file:
                file.truncate(self.rows * size)
        return True

    def _write_index(self) -> None:
        index = {
            "identity": self._identity,
            "columns": self._columns,
            "rows": self.rows,  # read again where a result stands for columns
            "result": self.result,
        }
        write_whole(self._folder / _INDEX, json.dumps(index).encode())

    def _path(self, name: str) -> pathlib.Path:
        return self._folder / f"{name.replace('/', '.')}.bin"
