"""Runs a SavedModel through TensorFlow's C library alone: no Python TensorFlow, no Keras, no project.

    python c_api_runner.py MODEL_DIR REQUESTS ANSWERS

REQUESTS is a pickled list of (feeds by tensor name, fetched tensor names). ANSWERS receives a pickled pair:
for each request a list of arrays or (code, message) of the refusal, and the serialized OpList of every
operator the library registers. This is what a caller in C, Go, Java or Rust does.
"""

from __future__ import annotations

import ctypes
import importlib.util
import pickle
import sys
from pathlib import Path

import numpy as np

FLOAT, UINT8, STRING = 1, 4, 7
DTYPES = {np.dtype(np.float32): FLOAT, np.dtype(np.uint8): UINT8, np.dtype(object): STRING}
TSTRING_BYTES = 24


class Output(ctypes.Structure):
    """TF_Output: an operation's numbered output."""

    _fields_ = (("operation", ctypes.c_void_p), ("index", ctypes.c_int))


class Buffer(ctypes.Structure):
    """TF_Buffer, without the deallocator behind its two fields."""

    _fields_ = (("data", ctypes.c_void_p), ("length", ctypes.c_size_t))


def load_library():
    """TensorFlow's C API, found without importing the package."""
    root = importlib.util.find_spec("tensorflow").submodule_search_locations[0]
    library = ctypes.CDLL(str(Path(root, "libtensorflow_cc.so.2")))
    for name in (
        *("NewStatus", "NewGraph", "NewSessionOptions", "LoadSessionFromSavedModel", "GraphOperationByName"),
        *("AllocateTensor", "TensorData", "StringGetDataPointer"),
    ):
        getattr(library, f"TF_{name}").restype = ctypes.c_void_p
    library.TF_GetAllOpList.restype = ctypes.POINTER(Buffer)
    library.TF_Message.restype = ctypes.c_char_p
    for name in ("Dim", "TensorByteSize", "StringGetSize"):
        getattr(library, f"TF_{name}").restype = ctypes.c_int64
    return library


class Model:
    """A loaded SavedModel."""

    def __init__(self, library, directory: str):
        self.tf = library
        self.status = ctypes.c_void_p(library.TF_NewStatus())
        self.graph = ctypes.c_void_p(library.TF_NewGraph())
        tags = (ctypes.c_char_p * 1)(b"serve")
        options = ctypes.c_void_p(library.TF_NewSessionOptions())
        self.session = ctypes.c_void_p(
            library.TF_LoadSessionFromSavedModel(
                options, None, directory.encode(), tags, 1, self.graph, None, self.status
            )
        )
        assert library.TF_GetCode(self.status) == 0, library.TF_Message(self.status)

    def run(self, feeds: dict, fetches: list):
        """Arrays, or (code, message)."""
        inputs = (Output * len(feeds))(*map(self.output, feeds))
        values = (ctypes.c_void_p * len(feeds))(*map(self.to_tensor, feeds.values()))
        outputs = (Output * len(fetches))(*map(self.output, fetches))
        results = (ctypes.c_void_p * len(fetches))()
        self.tf.TF_SessionRun(
            *(self.session, None, inputs, values, len(feeds), outputs, results, len(fetches)),
            *(None, 0, None, self.status),
        )
        code = self.tf.TF_GetCode(self.status)
        if code:
            return code, self.tf.TF_Message(self.status).decode()
        return [self.to_array(ctypes.c_void_p(result)) for result in results]

    def output(self, name: str) -> Output:
        operation, _, index = name.partition(":")
        return Output(self.tf.TF_GraphOperationByName(self.graph, operation.encode()), int(index))

    def to_tensor(self, array: np.ndarray) -> int:
        dims = (ctypes.c_int64 * array.ndim)(*array.shape)
        dtype = DTYPES[array.dtype]
        size = array.size * TSTRING_BYTES if dtype == STRING else array.nbytes
        tensor = self.tf.TF_AllocateTensor(dtype, dims, array.ndim, ctypes.c_size_t(size))
        start = self.tf.TF_TensorData(ctypes.c_void_p(tensor))
        if dtype == STRING:
            for i, value in enumerate(array.ravel()):
                place = ctypes.c_void_p(start + i * TSTRING_BYTES)
                self.tf.TF_StringInit(place)
                self.tf.TF_StringCopy(place, value, ctypes.c_size_t(len(value)))
        else:
            ctypes.memmove(start, np.ascontiguousarray(array).ctypes.data, array.nbytes)
        return tensor

    def to_array(self, tensor) -> np.ndarray:
        shape = [self.tf.TF_Dim(tensor, axis) for axis in range(self.tf.TF_NumDims(tensor))]
        dtype = self.tf.TF_TensorType(tensor)
        start = self.tf.TF_TensorData(tensor)
        if dtype == STRING:
            places = [ctypes.c_void_p(start + i * TSTRING_BYTES) for i in range(int(np.prod(shape)))]
            strings = [
                ctypes.string_at(self.tf.TF_StringGetDataPointer(p), self.tf.TF_StringGetSize(p))
                for p in places
            ]
            return np.array(strings, object).reshape(shape)
        numpy_dtype = next(key for key, value in DTYPES.items() if value == dtype)
        data = ctypes.string_at(start, self.tf.TF_TensorByteSize(tensor))
        return np.frombuffer(data, numpy_dtype).reshape(shape)


def main(model_dir: str, requests: str, answers: str) -> None:
    """Answers every request."""
    model = Model(load_library(), model_dir)
    answered = [model.run(feeds, fetches) for feeds, fetches in pickle.loads(Path(requests).read_bytes())]
    imported = {name.partition(".")[0] for name in sys.modules} & {"tensorflow", "keras", "spt_tf"}
    assert not imported, f"imported {imported}"
    operators = model.tf.TF_GetAllOpList().contents
    listed = ctypes.string_at(operators.data, operators.length)
    Path(answers).write_bytes(pickle.dumps((answered, listed)))


if __name__ == "__main__":
    main(*sys.argv[1:])
