"""Options of the networks."""

from __future__ import annotations

import dataclasses

from spt_tf.config.option import Checked, option


@dataclasses.dataclass(frozen=True)
class NetworkConfig(Checked):
    """Sizes of the networks, relative to the paper's, and how poses are drawn for them."""

    semantics: bool = option(
        True, "Transform parsing maps first; without, the paper's Baseline: image and poses alone."
    )
    generator_width: float = option(1.0, "Scale of the generators' filters 64..512.", 0.03, 4)
    generator_levels: int = option(6, "Resolutions of the two-stream U-Nets.", 2, 8)
    local_enhancer: bool = option(
        False,
        "Learn at half the canvas, then at all of it by a local enhancer that fades in (stage enhancer).",
    )
    dropout: float = option(0.5, "Dropout of the decoders' first three levels.", 0, 0.9)
    upsampling: str = option(
        "transposed",
        "How decoders double a map: by a transposed convolution (the paper's), by one and a binomial filter, "
        "or bilinearly before a 3x3 convolution.",
        choices=("transposed", "filtered", "resize"),
    )
    centred_warps: bool = option(
        False, "Read deformable skips at the centres of a level's pixels. As published: off-centre."
    )
    keep_background: bool = option(
        False,
        "Show the target encoder the source's background where it is. As published it moves with the torso.",
    )
    paste_background: bool = option(
        False,
        "Keep the source's own pixels where both parsings say background. As published all is painted anew.",
    )
    bounded_torso: bool = option(
        False,
        "Bound the torso's mask in deformable skips to the neighbourhood of the target person. As published "
        "it is the whole canvas.",
    )
    filter_pictures: bool = option(
        False,
        "Take out of finished pictures what repeats every two pixels. As published they stay as they are "
        "painted.",
    )
    filter_brightness: float = option(
        0.5, "How much of it --filter_pictures takes out of brightness; out of colours all.", 0, 1
    )
    fill_background: bool = option(
        False,
        "Show finished people before the source's background, carried on where the source stood. As "
        "published all is painted.",
    )
    discriminator_width: float = option(1.0, "Scale of the discriminators' 64 filters.", 0.03, 4)
    discriminator_layers: int = option(3, "Strided layers of the discriminators.", 1, 5)
    pose_detector_width: float = option(1.0, "Scale of the pose detector's 64 filters.", 0.03, 4)
    pose_detector_blocks: int = option(9, "Residual blocks of the pose detector.", 1, 18)
    pose_finder: str = option(
        "",
        "Run directory of scripts/train_perception.py whose finder is P: no stage pose_detector then.",
    )
    pose_sigma: float = option(6.0, "Standard deviation of a joint's heatmap, pixels.", 0.5)
    joint_radius: float = option(4.0, "Radius of a joint in the pose mask, pixels.", 0.5)

    @property
    def discriminated_sides(self) -> tuple[int, int]:
        """What the sides of a discriminator's pictures are multiples of, and at least, pixels.

        See `networks.PatchDiscriminator`; under a local enhancer it judges half the size as well.
        """
        step = 2 ** (self.discriminator_layers + self.local_enhancer)
        return step, 3 * step
