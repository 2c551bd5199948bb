"""How an option is written down: once, with its help text and range."""

from __future__ import annotations

import dataclasses
from typing import Any


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
    return dataclasses.field(default=default, metadata=dict(help=text, low=low, high=high, choices=choices))


@dataclasses.dataclass(frozen=True)
class Checked:
    """Checks every field against the range and choices it was declared with."""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value, rule = getattr(self, field.name), field.metadata
            if rule.get("choices") and value not in rule["choices"]:
                raise ConfigError(f"--{field.name}={value}: expected one of {', '.join(rule['choices'])}")
            if rule.get("low") is not None and value < rule["low"]:
                raise ConfigError(f"--{field.name}={value}: expected at least {rule['low']}")
            if rule.get("high") is not None and value > rule["high"]:
                raise ConfigError(f"--{field.name}={value}: expected at most {rule['high']}")
