"""Two faults that scores hardly see: a grid in the colours, and mottled plain garments.

    python scripts/bench/picture_grain.py --run_dir=runs/demo --data_dir=datasets/demo \
        --output=docs/results/picture_grain.txt

Grid: the power of chroma (Cb, Cr) at 0.45 to 0.5 cycles a pixel along either axis, in generated pictures over
that in the true ones. Grain: the standard deviation, within plain garments, of what a 5x5 binomial filter
leaves of the brightness, generated over true; tops and bottoms of one colour, by attributes.csv of paper
dolls, two pixels in from their true outline. An arm where there is none counts there as well; so, once more,
where S~_pt has the garment too, two pixels in from the outline it gives.
"""

from __future__ import annotations

import csv
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2
import numpy as np
from absl import app, flags

from measure import finish
from spt_tf import anatomy
from spt_tf.data.datasets import load_pairs, load_people
from spt_tf.data.pipeline import pair_batches
from spt_tf.inference import load_finished_run

FLAGS = flags.FLAGS
_BATCH = 20
_GARMENTS = {
    "top_pattern": [anatomy.LABELS.index("upper_clothes")],
    "bottom_pattern": [anatomy.LABELS.index("pants"), anatomy.LABELS.index("skirt")],
}
_LEAST_PIXELS = 20


def chroma_power(images: np.ndarray) -> float:
    """The mean power of Cb and Cr at 0.45 to 0.5 cycles a pixel: uint8 `[N,H,W,3]`, under a Hann window."""
    height, width = images.shape[1:3]
    window = np.outer(np.hanning(height), np.hanning(width))
    frequencies = np.maximum(*np.meshgrid(*map(np.abs, map(np.fft.fftfreq, (height, width))), indexing="ij"))
    band = frequencies >= 0.45
    powers = []
    for image in images:
        chroma = cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb)[..., 1:].astype(np.float64)
        spectrum = np.fft.fft2((chroma - chroma.mean((0, 1))) * window[..., np.newaxis], axes=(0, 1))
        powers.append(np.mean(np.abs(spectrum[band]) ** 2))
    return float(np.mean(powers))


def grain(image: np.ndarray, inside: np.ndarray) -> float:
    """The standard deviation of a picture's high pass, grey levels: uint8 `[H,W,3]`, bool `[H,W]`."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float64)
    line = np.array([1, 4, 6, 4, 1]) / 16
    return float(np.std((grey - cv2.sepFilter2D(grey, -1, line, line))[inside]))


def plain_garments(
    parsing: np.ndarray, predicted: np.ndarray, attributes: dict[str, str]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Where a person's plain top and bottom are, without their rims, and where S~_pt says so too.

    parsing, predicted: labels `[H,W]`. Two bool `[H,W]` for each garment.
    """
    found = []
    for pattern, labels in _GARMENTS.items():
        if attributes[pattern] == "plain":
            inside = _within(parsing, labels)
            if np.count_nonzero(inside) >= _LEAST_PIXELS:
                found.append((inside, inside & _within(predicted, labels)))
    return found


def _within(parsing: np.ndarray, labels: list[int]) -> np.ndarray:
    return cv2.erode(np.isin(parsing, labels).astype(np.uint8), np.ones([5, 5], np.uint8)) > 0


def main(_: list[str]) -> None:
    run = load_finished_run(FLAGS.run_dir)
    index = load_people(FLAGS.data_dir, "test", run.canvas)
    pairs = load_pairs(FLAGS.data_dir, "test", index).pairs
    with open(pathlib.Path(FLAGS.data_dir) / "attributes.csv", newline="", encoding="utf-8") as file:
        attributes = {row["name"]: row for row in csv.DictReader(file)}
    true, generated, garments, agreed = [], [], [], []
    for batch in pair_batches(index, pairs, _BATCH):
        source = (batch[f"source_{name}"] for name in ("image", "parsing", "keypoints"))
        result = run.transfer_pose(*source, batch["target_keypoints"])
        true.append(batch["target_image"].numpy())
        generated.append(result.image.numpy())
        names, parsings = batch["target_name"].numpy(), batch["target_parsing"].numpy()
        for name, parsing, predicted, *images in zip(
            names, parsings, result.parsing.numpy(), generated[-1], true[-1]
        ):
            for inside, both in plain_garments(parsing, predicted, attributes[name.decode()]):
                garments.append([grain(image, inside) for image in images])
                if np.count_nonzero(both) >= _LEAST_PIXELS:
                    agreed.append([grain(image, both) for image in images])
    power = [chroma_power(np.concatenate(images)) for images in (generated, true)]
    lines = [
        f"{len(pairs)} pairs at {run.canvas[0]}x{run.canvas[1]}, stage {run.stage}, step {run.step}",
        f"chroma power at 0.45 to 0.5 cycles a pixel: {power[0]:.2f} generated, {power[1]:.2f} true, "
        f"ratio {power[0] / power[1]:.2f}",
        f"high-pass spread of {len(garments)} plain garments: {_compared(garments)}",
        f"of {len(agreed)} where S~_pt has them too: {_compared(agreed)}",
    ]
    finish(lines, FLAGS.output)


def _compared(spreads: list[list[float]]) -> str:
    made, truth = np.mean(spreads, axis=0)
    return f"{made:.2f} grey levels generated, {truth:.2f} true, ratio {made / truth:.3f}"


if __name__ == "__main__":
    flags.DEFINE_string("run_dir", None, "Run directory of scripts/train.py.", required=True)
    flags.DEFINE_string("data_dir", None, "Data directory of paper dolls, with test pairs.", required=True)
    flags.DEFINE_string("output", None, "Text file for the results, besides the screen.")
    app.run(main)
