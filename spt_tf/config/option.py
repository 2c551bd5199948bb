"""How an option is written down: once, with its help text and range."""

from __future__ import annotations

import dataclasses
import functools
import math
import typing
from typing import Any

_LARGEST = 2**31 - 1  # of whole numbers, where nothing else is said
_KINDS = {bool: "true or false", int: "a whole number", float: "a finite number", str: "text"}


class ConfigError(ValueError):
    """An option is unknown, out of range, or contradicts another."""


def option(
    default: Any,
    text: str,
    low: float | None = None,
    high: float | None = None,
    choices: tuple | None = None,
) -> Any:
    """A field of a configuration: its default, its help text, and what it may be."""
    if type(default) is int and high is None:
        high = _LARGEST
    return dataclasses.field(default=default, metadata=dict(help=text, low=low, high=high, choices=choices))


@dataclasses.dataclass(frozen=True)
class Checked:
    """Checks every field against the type, range and choices it was declared with."""

    def __post_init__(self) -> None:
        types = _types(type(self))  # type: ignore[arg-type]
        for field in dataclasses.fields(self):
            value, rule, kind = getattr(self, field.name), field.metadata, types[field.name]
            if not _is(value, kind):
                raise ConfigError(f"--{field.name}={str(value)[:80]}: expected {_KINDS[kind]}")
            if rule.get("choices") and value not in rule["choices"]:
                raise ConfigError(f"--{field.name}={value}: expected one of {', '.join(rule['choices'])}")
            if rule.get("low") is not None and value < rule["low"]:
                raise ConfigError(f"--{field.name}={value}: expected at least {rule['low']}")
            if rule.get("high") is not None and value > rule["high"]:
                raise ConfigError(f"--{field.name}={value}: expected at most {rule['high']}")


@functools.cache
def _types(group: type) -> dict[str, type]:
    return typing.get_type_hints(group)


def _is(value: object, kind: type) -> bool:
    """Whether a value is of an option's type; JSON and callers may give a float as a whole number."""
    if kind is not float:
        return type(value) is kind
    if type(value) is int:
        return abs(value) < 2**53
    return type(value) is float and math.isfinite(value)
