"""Whether a label map shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from spt_tf.anatomy import LABEL_COLOURS


def assert_in_the_project_s_colours(path: Path) -> None:
    """An indexed PNG whose palette is `anatomy.LABEL_COLOURS`."""
    with Image.open(path) as picture:
        assert picture.mode == "P", path
        assert picture.getpalette()[: 3 * len(LABEL_COLOURS)] == np.ravel(LABEL_COLOURS).tolist()
