"""Unsupervised person image generation with semantic parsing transformation (Song et al., CVPR 2019)."""
