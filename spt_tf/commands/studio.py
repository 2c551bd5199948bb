"""Opens the studio, a page on which a person is posed, painted and dressed by hand.

    python scripts/studio.py --run_dir=runs/demo
    python scripts/studio.py --saved_model=models/spt/1 --data_dir=datasets/demo
    python scripts/studio.py --server=localhost:8500 --data_dir=datasets/demo

The page is for this machine alone, fetches nothing from anywhere else, and works in any modern browser.
"""

from __future__ import annotations

import functools
import importlib.util
import os
from typing import TYPE_CHECKING

from absl import flags

from spt_tf.commands.command import fail, run_command

if TYPE_CHECKING:
    import socket

    from spt_tf.perception.finder import PersonFinder

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Flags of this command."""
    flags.DEFINE_string("run_dir", None, "Run directory of scripts/train.py, drawn with in this process.")
    flags.DEFINE_string("saved_model", None, "Version directory of an exported model, likewise.")
    flags.DEFINE_string("server", None, "HOST:PORT of TF Serving or export/serve.py.")
    flags.DEFINE_string("model_name", "spt", "Name the server knows the model by.")
    flags.DEFINE_string(
        "data_dir",
        None,
        "Data directory whose test people the page offers; default: the run's own, if there.",
    )
    flags.DEFINE_string(
        "finder",
        None,
        "Run directory of scripts/train_perception.py, at the model's canvas: finds joints and map of a "
        "picture that comes without; else they are set by hand.",
    )
    flags.DEFINE_integer("port", 8642, "Port on the loopback; 0 takes a free one.", 0, 65535)
    flags.DEFINE_bool("open", True, "Open the page in the browser.")
    flags.mark_flags_as_mutual_exclusive(["run_dir", "saved_model", "server"], required=True)


def main(argv: list[str]) -> None:
    """Serves until it is stopped; bad input ends in one line and exit status 2."""
    for package in ("starlette", "uvicorn"):
        if importlib.util.find_spec(package) is None:
            fail(f"{package} is not installed: pip install 'spt-tf[studio]'")
    from spt_tf.studio.serve import open_port

    try:
        _serve(open_port("127.0.0.1", FLAGS.port))
    except (ValueError, OSError) as error:
        fail(error)


def _serve(listener: socket.socket) -> None:
    # TensorFlow loads only once the flags are known to be good, and the port to be free.
    from spt_tf.studio.app import studio_app
    from spt_tf.studio.draw import warm_up
    from spt_tf.studio.gallery import open_gallery
    from spt_tf.studio.model import ModelError, open_model
    from spt_tf.studio.serve import serve

    try:
        model = open_model(FLAGS.run_dir, FLAGS.saved_model, FLAGS.server, FLAGS.model_name)
        finder = _open_finder(FLAGS.finder, model.canvas)
        gallery = open_gallery(FLAGS.data_dir or _own_data_dir(FLAGS.run_dir), model.canvas)
        warm_up(model)
    except ModelError as error:
        fail(error)
    serve(studio_app(model, gallery, finder), listener, FLAGS.open)


def _open_finder(run_dir: str | None, canvas: tuple[int, int]) -> PersonFinder | None:
    from spt_tf.perception.finder import load_finder

    if run_dir is None:
        return None
    finder = load_finder(run_dir)
    if finder.canvas != canvas:
        raise ValueError(
            f"--finder={run_dir}: looks at pictures of {finder.canvas}, the model draws at {canvas}"
        )
    return finder


def _own_data_dir(run_dir: str | None) -> str | None:
    """The data directory that a run was trained on, where it is still there."""
    from spt_tf.training.run_directory import read_config

    if run_dir is None:
        return None
    data_dir = read_config(run_dir).data.data_dir
    return data_dir if os.path.isdir(data_dir) else None


run = functools.partial(run_command, __doc__, define_flags, main)
