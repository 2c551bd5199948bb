"""What methods and numbers are called in reports, and their colours."""

from __future__ import annotations

OURS, BASELINES = "generated", ("warped_source", "copied_source")
TITLES = {
    "generated": "this run",
    "warped_source": "source warped, nothing learned",
    "copied_source": "source copied",
}
COLOURS = ("#1565c0", "#c62828", "#2e7d32", "#6a1b9a", "#ef6c00", "#00838f", "#5d4037", "#ad1457")
GREYS = {"warped_source": "#90a0b0", "copied_source": "#c9d1d9"}
HEADLINES = ("mask_ssim", "ssim", "parsing_miou", "image_parsing_miou", "lpips", "pckh", "psnr", "texture")
LOW_IS_GOOD = frozenset({"l1", "lpips", "texture", "colour_error", "fid"})
WORDS = {
    "mask_ssim": "mask-SSIM",
    "ssim": "SSIM",
    "parsing_miou": "parsing mIoU",
    "image_parsing_miou": "mIoU of the image's parsing",
    "lpips": "LPIPS (low is good)",
    "pckh": "PCKh",
    "psnr": "PSNR, dB",
    "l1": "L1 distance (low is good)",
}
