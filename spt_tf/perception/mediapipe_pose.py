"""MediaPipe as a finder of joints in photographs (`pip install spt-tf[mediapipe]`), where it is installed.

It was made for photographs, and our own network, until it is trained on some, was not. Parsing stays ours.
0.10.21 is the last version that has this interface and takes protobuf 4, as TensorFlow 2.15 does.
"""

from __future__ import annotations

import numpy as np

from spt_tf.perception.pose_files.choose_person import Chosen, NobodyChosen, PoseRules, choose_person
from spt_tf.perception.pose_files.joint_orders import MEDIAPIPE, in_our_order

_SEEN_FROM = 0.5  # of MediaPipe's visibility
_FULL = 1  # its middle model, in the package; the heaviest is downloaded


class MediaPipeMissing(ValueError):
    """The package is not there, or is not the version that was tried."""


class MediaPipePoses:
    """Finds one person a photo; to be closed, or used in a `with` block. Raises MediaPipeMissing."""

    def __init__(self):
        try:
            from mediapipe.python.solutions.pose import Pose
        except ImportError as error:
            raise MediaPipeMissing(
                f"--pose_source=mediapipe: {error}; expected mediapipe 0.10.21 "
                "(pip install --no-deps mediapipe==0.10.21 attrs)"
            ) from None
        self._pose = Pose(static_image_mode=True, model_complexity=_FULL)

    def find(self, photo: np.ndarray) -> np.ndarray:
        """Keypoints `[18,2]` in an uint8 RGB photo `[h,w,3]`, (y, x) in its pixels, -1 missing.

        Raises NobodyChosen where nobody is found.
        """
        height, width = photo.shape[:2]
        landmarks = self._pose.process(photo).pose_landmarks
        if landmarks is None:
            raise NobodyChosen("MediaPipe found nobody; it needs a person's crop with the face in view")
        joints = np.array([(one.x * width, one.y * height, one.visibility) for one in landmarks.landmark])
        chosen: Chosen = choose_person(
            [in_our_order(joints, MEDIAPIPE)], (height, width), PoseRules(), _SEEN_FROM
        )
        return chosen.keypoints

    def close(self) -> None:
        """Frees its graph."""
        self._pose.close()

    def __enter__(self) -> MediaPipePoses:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
