"""Configurations made of groups of options, with a JSON round trip."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, TypeVar

from spt_tf.config.option import ConfigError

_Self = TypeVar("_Self", bound="Grouped")


@dataclasses.dataclass(frozen=True)
class Grouped:
    """A frozen dataclass whose fields are groups, each a `Checked` dataclass with a default."""

    def to_json(self) -> str:
        """The whole configuration as indented JSON."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    @classmethod
    def from_json(cls: type[_Self], text: str) -> _Self:
        """Reads what `to_json` wrote; options that an older version did not have take their defaults.

        Raises ConfigError on what is no such JSON, and on options that are unknown, of another type or out of
        range.
        """
        try:
            given = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"not a configuration in JSON: {error}") from error
        kinds: dict[str, Any] = {field.name: type(field.default) for field in dataclasses.fields(cls)}
        if not isinstance(given, dict) or given.keys() != kinds.keys():
            found = ", ".join(given) if isinstance(given, dict) else type(given).__name__
            raise ConfigError(f"expected the groups {', '.join(kinds)}, found {found[:200]}")
        groups = {}
        for name, values in given.items():
            if not isinstance(values, dict):
                raise ConfigError(f"{name}: expected options by name, found {type(values).__name__}")
            unknown = values.keys() - {field.name for field in dataclasses.fields(kinds[name])}
            if unknown:
                raise ConfigError(f"unknown option {name}.{min(unknown)}")
            groups[name] = kinds[name](**values)
        return cls(**groups)
