"""Frechet distance between two sets of features (Heusel et al. 2017)."""

from __future__ import annotations

import numpy as np


def feature_statistics(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean `[D]` and sample covariance `[D,D]` of features `[N,D]`, float64; N is at least 2."""
    features = np.asarray(features, np.float64)
    if features.ndim != 2 or len(features) < 2:
        raise ValueError(f"feature_statistics wants [N,D] with N of at least 2, got {features.shape}")
    return features.mean(axis=0), np.cov(features, rowvar=False).reshape([features.shape[1]] * 2)


def frechet_distance(
    mean_a: np.ndarray, covariance_a: np.ndarray, mean_b: np.ndarray, covariance_b: np.ndarray
) -> float:
    """|mean_a - mean_b|^2 + trace(A + B - 2 (A B)^(1/2)).

    The trace of the root is that of (A^(1/2) B A^(1/2))^(1/2), whose eigenvalues are real however few images
    there were; the general matrix root of the usual scripts fails on singular covariances.
    """
    values, vectors = np.linalg.eigh(covariance_a)
    root_a = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    inner = np.linalg.eigvalsh(root_a @ covariance_b @ root_a)
    root_trace = np.sqrt(np.maximum(inner, 0)).sum()
    distance = np.sum((mean_a - mean_b) ** 2) + np.trace(covariance_a) + np.trace(covariance_b)
    return float(distance - 2 * root_trace)
