"""What holds of the TLS flags of every command: half of what a secure connection takes is an error."""

from __future__ import annotations

from absl import flags


def define_tls_rules(key: str, certificate: str) -> None:
    """A check of two flags that name PEM files, defined before."""
    flags.register_multi_flags_validator(
        [key, certificate],
        lambda values: len({value is None for value in values.values()}) == 1,
        f"--{key} and --{certificate} go together",
    )
