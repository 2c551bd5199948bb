"""Writes state dicts as PyTorch 0.1.10 to 1.5 did, without PyTorch: as torchvision's vgg16 file is."""

from __future__ import annotations

import os
import pickle
import struct
from collections.abc import Mapping

import numpy as np


def write_legacy_torch_file(
    path: str | os.PathLike, state: Mapping[str, np.ndarray], rebuild: str = "_rebuild_tensor"
) -> None:
    """Writes float32 arrays by name; `rebuild` is PyTorch's function that the pickle calls for each."""
    items, keys, storages = b"", [], b""
    for number, (name, array) in enumerate(state.items()):
        key = str(94000000 + number)
        storage = _tuple(
            _value("storage"), _global("torch", "FloatStorage"), *map(_value, (key, "cpu", array.size, None))
        )
        strides = tuple(stride // array.itemsize for stride in array.strides)
        place = [storage + pickle.BINPERSID, *map(_value, (0, array.shape, strides))]
        if rebuild == "_rebuild_tensor_v2":
            place += [_value(False), _ordered_dict()]
        items += _value(name) + _global("torch._utils", rebuild) + _tuple(*place) + pickle.REDUCE
        keys.append(key)
        storages += struct.pack("<q", array.size) + array.astype("<f4").tobytes()
    content = pickle.PROTO + b"\2" + _ordered_dict() + pickle.MARK + items + pickle.SETITEMS + pickle.STOP
    system = {
        "protocol_version": 1001,
        "little_endian": True,
        "type_sizes": {"short": 2, "int": 4, "long": 4},
    }
    head = b"".join(pickle.dumps(value, 2) for value in (0x1950A86A20F9469CFC6C, 1001, system))
    with open(path, "wb") as file:
        file.write(head + content + pickle.dumps(keys, 2) + storages)


def _value(value: object) -> bytes:
    return pickle.dumps(value, 2)[2:-1]  # without the protocol's number and the final STOP


def _tuple(*items: bytes) -> bytes:
    return pickle.MARK + b"".join(items) + pickle.TUPLE


def _global(module: str, name: str) -> bytes:
    return pickle.GLOBAL + f"{module}\n{name}\n".encode()


def _ordered_dict() -> bytes:
    return _global("collections", "OrderedDict") + pickle.EMPTY_TUPLE + pickle.REDUCE
