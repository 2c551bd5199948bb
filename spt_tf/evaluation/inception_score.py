"""Inception score (Salimans et al. 2016), from class probabilities."""

from __future__ import annotations

import numpy as np


def inception_score(probabilities: np.ndarray, splits: int = 10) -> tuple[float, float]:
    """exp(mean KL(p(y|x) || p(y))) over `splits` consecutive parts of the images, in float64.

    Args:
        probabilities: `[N,K]`, rows sum to 1; the literature's graph has 1008 classes.
        splits: parts, as equal as N allows; the literature's are 10.

    Returns:
        mean and population standard deviation over the parts.

    Raises:
        ValueError: for fewer images than parts.
    """
    probabilities = np.asarray(probabilities, np.float64)
    count = len(probabilities)
    if probabilities.ndim != 2 or count < splits:
        raise ValueError(f"{splits} splits want as many rows of probabilities, got {probabilities.shape}")
    scores = []
    for part in range(splits):
        rows = probabilities[part * count // splits : (part + 1) * count // splits]
        # A class of no probability adds nothing; its logarithm would make it NaN.
        ratio = np.divide(rows, rows.mean(axis=0), out=np.ones_like(rows), where=rows > 0)
        scores.append(np.exp((rows * np.log(ratio)).sum(axis=1).mean()))
    return float(np.mean(scores)), float(np.std(scores))
