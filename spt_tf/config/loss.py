"""Options of the losses."""

from __future__ import annotations

import dataclasses

from spt_tf.config.option import Checked, option


@dataclasses.dataclass(frozen=True)
class LossConfig(Checked):
    """Loss terms and their weights (Sections 3.1 and 3.2; Market-1501's weights by default)."""

    adversarial: str = option(
        "least_squares", "Form of the adversarial losses.", choices=("least_squares", "log")
    )
    lambda_ce: float = option(10.0, "Weight of the parsing cross entropy.", 0)
    lambda_return: float = option(
        0.0,
        "Weight of the cross entropy of the parsing that was moved and moved back, against the source's own, "
        "in stages semantic and end_to_end. The paper has none: 0.",
        0,
    )
    lambda_mirror: float = option(
        0.0,
        "Weight of the cross entropy of the parsing moved into the mirrored pose, against the mirrored one, "
        "in stages semantic and end_to_end. The paper has none: 0.",
        0,
    )
    lambda_pose: float = option(1.0, "Weight of the pose loss.", 0)
    lambda_cont: float = option(0.003, "Weight of the content loss.", 0)
    lambda_sty: float = option(1.0, "Weight of the style loss.", 0)
    lambda_pixel: float = option(
        0.0,
        "Weight of the L1 distance of the person mapped back from the source picture. The paper has none: 0.",
        0,
    )
    lambda_self: float = option(
        0.0,
        "Weight of the L1 distance of self-pairs, a person in its own or the mirrored pose, from the known "
        "picture. The paper has none: 0.",
        0,
    )
    self_pairs: str = option(
        "both",
        "Which self-pairs --lambda_self takes: in the own pose, in the mirrored one, or every other example "
        "in each.",
        choices=("own", "mirrored", "both"),
    )
    style: str = option(
        "semantic",
        "What the style loss compares: each parsing label, the person and the rest by the pose mask, "
        "or patches at the joints.",
        choices=("semantic", "mask", "patch"),
    )
    match_style_areas: bool = option(
        False,
        "Compare the style of regions as if the pose left their areas alone. The authors' form does not: a "
        "garment that comes out smaller has to be brighter, and gets speckles.",
    )
    lambda_nn: float = option(
        37.0,
        "Weight of the nearest-neighbour loss, with --paired; 37 is its authors' 0.01 in our units.",
        0,
    )
    vgg_weights: str = option(
        "random",
        "VGG16 filters of content and style: the path of torchvision's vgg16 file (vgg16-397923af.pth, the "
        "authors') or of a Keras .h5 file, imagenet (downloads Keras's), or random.",
    )
    vgg_width: float = option(1.0, "Scale of VGG16's filters where they are random.", 0.03, 1)
    face_size: int = option(32, "Side of the face discriminator's crop, pixels.", 24)
