"""Runs a command: defines its flags, answers --help, hands what is left to its main."""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import logging
import math
import os
import re
import sys
import textwrap
import warnings
from collections.abc import Callable, Sequence
from typing import NoReturn

from absl import app, flags

FLAGS = flags.FLAGS
_SHOWN = 20  # of what was left out
_OF_TENSORFLOW = re.compile(r"site-packages[/\\](tensorflow|keras)[/\\]")
_HELP = {"--help", "-help", "--helpshort", "-helpshort", "-h", "-?"}


def run_command(
    description: str,
    define_flags: Callable[[], None],
    main: Callable[[list[str]], None],
    takes_arguments: bool = False,
) -> None:
    """What a script calls, and what an installed `spt-...` command is; ends the process.

    --help prints `description` (the module's docstring) and the flags that `define_flags` defines, with exit
    status 0 and at once: `main` imports TensorFlow, the command's module does not.

    Args:
        description: what the command does and how it is called.
        define_flags: defines the command's own flags, once a process.
        main: gets what is not a flag, the program's name first.
        takes_arguments: whether anything but flags may be given.
    """
    others = set(FLAGS)
    define_flags()
    flags.DEFINE_bool("loud", False, "Show what TensorFlow says of itself, too.")
    own = [name for name in FLAGS if name not in others]
    app.run(
        functools.partial(_call, main, takes_arguments),
        flags_parser=functools.partial(_parse, description, own),
    )


def command_name() -> str:
    """The command as the user typed it, without its folder: train.py, spt-train."""
    return os.path.basename(sys.argv[0])


def fail(error: object, status: int = 2) -> NoReturn:
    """Ends the process with one line, `<command>: <error>`, on standard error. Raises SystemExit."""
    print(f"{command_name()}: {error}", file=sys.stderr)
    sys.exit(status)


def print_left_out(left_out: Sequence[tuple[str, str]], list_of_all: str | os.PathLike) -> None:
    """Says on standard error what was left out, (name, reason): twenty of it, and which file lists all."""
    for name, reason in left_out[:_SHOWN]:
        print(f"left out: {name}: {reason}", file=sys.stderr)
    print(f"left out: {len(left_out):,} in all, see {os.fspath(list_of_all)}", file=sys.stderr)


def _call(main: Callable[[list[str]], None], takes_arguments: bool, argv: list[str]) -> None:
    if len(argv) > 1 and not takes_arguments:
        fail(f"unexpected argument {argv[1]}; --help lists the flags")
    if not FLAGS.loud:
        _quieten_tensorflow()
    # No command opens a window. A notebook's kernel leaves its own backend here, which may not be installed.
    os.environ["MPLBACKEND"] = "agg"
    import_tensorflow_sooner()
    main(argv)


def import_tensorflow_sooner() -> None:
    """Before TensorFlow is imported: without this it takes half as long again.

    Importing it and tracing graphs make objects by the million, which stay: garbage among them is looked for
    seldom. And it imports distutils, which it does not use: that of the standard library, instead of the one
    that setuptools puts in its place and brings all of itself along with.
    """
    gc.set_threshold(1_000_000, 50, 100)
    with contextlib.suppress(ImportError, AttributeError):  # no setuptools, or one that does otherwise
        importlib.import_module("_distutils_hack").remove_shim()


def _quieten_tensorflow() -> None:
    """Before it is imported: its greetings and counts of reductions drown what matters.

    Its errors come as Python exceptions; those that it logs at every start are about CUDA where none is.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("tensorflow").setLevel(logging.WARNING)
    for name in ("tensorflow", "absl"):  # of exports TensorFlow writes where this project does
        logging.getLogger(name).addFilter(_matters)
    warnings.filterwarnings("ignore", r"\s*TensorFlow Addons \(TFA\) has ended development")


def _matters(record: logging.LogRecord) -> bool:
    """False for what TensorFlow and Keras say below a warning, and to their own developers."""
    if record.filename == "deprecation.py":
        return False
    return record.levelno >= logging.WARNING or not _OF_TENSORFLOW.search(record.pathname)


def _parse(description: str, own: list[str], argv: list[str]) -> list[str]:
    """absl's flags parser, with a --help of ours."""
    before_dashes = argv[1 : argv.index("--")] if "--" in argv else argv[1:]
    if _HELP.intersection(before_dashes):
        print(_help_text(description, own))
        sys.exit(0)
    arguments = app.parse_flags_with_usage(argv)
    for name in own:
        flag, value = FLAGS[name], FLAGS[name].value
        if isinstance(value, float) and not math.isfinite(value):  # no range keeps nan out
            fail(f"--{name}={value}: expected a finite number")
        if flag.present and value in ("", []) and flag.default not in ("", []):
            fail(f"--{name} is empty; is a shell variable unset? Leave the flag out for what it is by itself")
    return arguments


def _help_text(description: str, own: list[str]) -> str:
    """The description, then the flags in the order of their definition, under their headings."""
    groups: dict[str, list[str]] = {}
    for name in own:
        heading = FLAGS.find_module_defining_flag(name) or ""
        groups.setdefault("Flags" if heading.startswith("spt_tf.") else heading, []).append(name)
    lines = [description.strip(), ""]
    for heading, names in groups.items():
        lines += [f"{heading}:", *map(_flag_lines, names), ""]
    return "\n".join([*lines, "--flagfile=FILE reads flags from a file; --helpfull lists absl's own, too."])


def _flag_lines(name: str) -> str:
    flag = FLAGS[name]
    facts = [flag.parser.syntactic_help]
    if flag.default not in (None, ""):
        facts.append("default " + (flag.default_as_str or "").strip("'"))
    detail = "; ".join(fact for fact in facts if fact)
    text = f"--{'[no]' * flag.boolean}{name}: {flag.help}" + (f" ({detail})" if detail else "")
    return textwrap.fill(text, 110, initial_indent="  ", subsequent_indent="      ")
