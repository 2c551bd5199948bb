"""What holds of the TLS flags of every command: half of what a secure connection takes is an error."""

from __future__ import annotations

from absl import flags


def define_tls_rules(key: str, certificate: str, authorities: str) -> None:
    """Checks of three flags that name PEM files, defined before.

    A flag that is given but empty, as an unset shell variable leaves it, is refused rather than ignored.
    """
    for name in (key, certificate, authorities):
        flags.register_validator(
            name, lambda value: value != "", f"--{name} is empty; name a file or leave the flag out"
        )
    flags.register_multi_flags_validator(
        [key, certificate],
        lambda values: len({value is None for value in values.values()}) == 1,
        f"--{key} and --{certificate} go together",
    )
