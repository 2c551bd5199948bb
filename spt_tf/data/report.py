"""What loading left out, and why."""

from __future__ import annotations

import enum
from collections import Counter
from typing import NamedTuple


class Reason(enum.Enum):
    """Why a person or a pair is not used; the value ends the sentence "left out: ..."."""

    JUNK = "junk or distractor by name"
    REPEATED = "named in an earlier row"
    NO_TORSO = "without all four torso joints"
    JOINT_OUTSIDE = "with a joint outside the canvas"
    MISSING_IMAGE = "missing image"
    UNREADABLE_IMAGE = "unreadable image"
    WRONG_IMAGE_SIZE = "image of the wrong size"
    MISSING_PARSING = "missing parsing map"
    UNREADABLE_PARSING = "unreadable parsing map"
    WRONG_PARSING_SIZE = "parsing map of the wrong size"
    UNKNOWN_LABEL = "parsing map with unknown labels"
    PERSON_LEFT_OUT = "pair with a person who is not loaded"


class LeftOut(NamedTuple):
    """One entry of a file that is not used."""

    name: str
    reason: Reason
    detail: str


class LoadingReport(NamedTuple):
    """How many entries of a file are used, and what became of the others, in file order."""

    file: str
    kept: int
    left_out: tuple[LeftOut, ...]

    def counts(self) -> dict[Reason, int]:
        """Number left out for each reason that occurred, most frequent first."""
        return dict(Counter(entry.reason for entry in self.left_out).most_common())

    def summary(self) -> str:
        """Readable lines: what is kept, and each reason with its number and its first case."""
        lines = [f"{self.file}: {self.kept:,} of {self.kept + len(self.left_out):,} kept"]
        for reason, count in self.counts().items():
            first = next(entry for entry in self.left_out if entry.reason is reason)
            example = f"{first.name}: {first.detail}" if first.detail else first.name
            lines.append(f"  {count:,} left out: {reason.value} ({example})")
        return "\n".join(lines)
