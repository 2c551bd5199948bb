"""Which signature answers for a pair: depends on what the model can do and on what the caller has."""

from __future__ import annotations

from collections.abc import Collection

TRANSFER_POSE = "transfer_pose"
GENERATE_FROM_PARSING = "generate_from_parsing"


class MissingSignature(ValueError):
    """The model cannot do what is asked; the message says what it can do instead."""


def choose_signature(model: str, signatures: Collection[str], has_target_parsing: bool) -> str:
    """`generate_from_parsing` where the caller has the targets' parsings, else `transfer_pose`.

    Args:
        model: how to call the model in an error.
        signatures: names of those it has.
        has_target_parsing: whether the caller brings target parsings.

    Raises MissingSignature.
    """
    wanted = GENERATE_FROM_PARSING if has_target_parsing else TRANSFER_POSE
    if wanted in signatures:
        return wanted
    message = f"{model} has no signature {wanted!r}, only {', '.join(sorted(signatures))}"
    if wanted == TRANSFER_POSE and GENERATE_FROM_PARSING in signatures:
        message += (
            ": it was exported without a semantic generator, so give the target people's own parsings "
            f"with --target_parsing_dir, for {GENERATE_FROM_PARSING!r}"
        )
    raise MissingSignature(message)


def require_photo_signature(model: str, signatures: Collection[str], wanted: str) -> str:
    """`wanted`, one that takes photos; raises MissingSignature where the model has it not."""
    if wanted not in signatures:
        raise MissingSignature(
            f"{model} has no signature {wanted!r}, only {', '.join(sorted(signatures))}: it was exported "
            "without --finder"
        )
    return wanted
