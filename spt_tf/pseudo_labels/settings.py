"""What decides a search's answer, and what only decides how it is computed."""

from __future__ import annotations

import dataclasses
import hashlib

from spt_tf.data.people_index import PeopleIndex


class SearchError(ValueError):
    """A search that cannot be made, or cannot be trusted; says why and what to do."""


@dataclasses.dataclass(frozen=True)
class SearchSettings:
    """What decides the answer.

    top_k: candidates kept for each person.
    min_pose_distance: candidates with a nearer pose are excluded; `pose_distance` in image heights.
    shortlist: candidates whose exact energy is computed for each person.
    per_pixel: divide a candidate's energy by the area of its parts. The paper does not; its sum over pixels
        favours candidates that are small in the picture, whose every mistake is small too.
    """

    top_k: int = 1
    min_pose_distance: float = 0.08
    shortlist: int = 24
    per_pixel: bool = False

    def __post_init__(self) -> None:
        if self.top_k < 1:
            raise SearchError(f"top_k must be at least 1, got {self.top_k}")
        if not 0 <= self.min_pose_distance < 1:
            raise SearchError(
                f"min_pose_distance must be in [0, 1) image heights, got {self.min_pose_distance}"
            )
        if self.shortlist < self.top_k:
            raise SearchError(f"a shortlist of {self.shortlist} cannot give the best {self.top_k}")

    def fingerprint(self, index: PeopleIndex) -> dict[str, object]:
        """Names this search among all others: equal if and only if the answer must be."""
        digest = hashlib.sha256(repr((index.names, index.canvas)).encode())
        digest.update(index.keypoints.astype("<f4").tobytes())
        for position in range(len(index)):
            digest.update(index.parsing(position).tobytes())
        return {"people": len(index), "data": digest.hexdigest(), **dataclasses.asdict(self)}
