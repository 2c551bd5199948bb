"""What a metric may be asked for on the command line."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from absl import flags

_HEADING = "Further metrics"  # in --help
_KINDS: dict[type, Callable[..., object]] = {
    bool: flags.DEFINE_bool,
    int: flags.DEFINE_integer,
    float: flags.DEFINE_float,
}


@dataclasses.dataclass(frozen=True)
class Option:
    """One flag of one metric, or of several that are asked for together.

    name: the flag's, and the key in `EvaluationPlan.options`. help: its line in `--help`.
    default: its value when it is not given; its type is the flag's, None making it a string.
    is_file: whether it names a file, whose content scores depend on. is_directory: a directory.
    """

    name: str
    help: str
    default: bool | int | float | str | None = None
    is_file: bool = False
    is_directory: bool = False

    def define(self, flag_values: flags.FlagValues) -> None:
        """Defines the flag among others."""
        define = _KINDS.get(type(self.default), flags.DEFINE_string)
        define(self.name, self.default, self.help, flag_values=flag_values, module_name=_HEADING)
