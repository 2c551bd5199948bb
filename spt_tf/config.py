"""What an experiment is: frozen, checked dataclasses with a JSON round trip.

Every field carries its help text and range, and `flags.py` turns each into a command-line flag of
the same name, so an option is written down once.
"""

from __future__ import annotations

import dataclasses
import json
import os
from typing import Any

from spt_tf.stage_spec import SPECS, STAGES, find_stage


class ConfigError(ValueError):
    """An option is unknown, out of range, or contradicts another."""


def _option(
    default: Any,
    text: str,
    low: float | None = None,
    high: float | None = None,
    choices: tuple | None = None,
) -> Any:
    return dataclasses.field(default=default, metadata=dict(help=text, low=low, high=high, choices=choices))


@dataclasses.dataclass(frozen=True)
class _Checked:
    """Checks every field against the range and choices it was declared with."""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value, rule = getattr(self, field.name), field.metadata
            if rule.get("choices") and value not in rule["choices"]:
                raise ConfigError(f"--{field.name}={value}: expected one of {', '.join(rule['choices'])}")
            if rule.get("low") is not None and value < rule["low"]:
                raise ConfigError(f"--{field.name}={value}: expected at least {rule['low']}")
            if rule.get("high") is not None and value > rule["high"]:
                raise ConfigError(f"--{field.name}={value}: expected at most {rule['high']}")


@dataclasses.dataclass(frozen=True)
class DataConfig(_Checked):
    """Where people come from and how they are drawn for training."""

    data_dir: str = _option("", "Data directory in the layout of Market-1501 or DeepFashion.")
    height: int = _option(128, "Image height in pixels.", 32)
    width: int = _option(64, "Image width in pixels.", 32)
    flip: bool = _option(True, "Mirror half of the training examples left to right.")
    paired: bool = _option(
        False,
        "Learn from the true pairs of market-pairs-train.csv, to compare with: supervised, no parsing.",
    )
    pseudo_labels: str = _option(
        "", "CSV from,to,energy of pseudo-label pairs; empty: search the training set when it is needed."
    )
    pseudo_label_top_k: int = _option(1, "Best candidates kept per person by that search.", 1)
    pseudo_label_per_pixel: bool = _option(
        False,
        "Divide each candidate's energy in that search by the area of its parts. The paper's sum favours "
        "candidates that are small in the picture, and few poses are ever learnt from.",
    )
    stranger_poses: float = _option(
        0.0,
        "Share of the examples of stage end_to_end whose target pose is anybody's, with L_A alone: there is "
        "no pseudo-label for it. The paper has none: 0.",
        0,
        1,
    )
    seed: int = _option(0, "Seed of weights, sampling and dropout.", 0)


@dataclasses.dataclass(frozen=True)
class NetworkConfig(_Checked):
    """Sizes of the networks, relative to the paper's, and how poses are drawn for them."""

    semantics: bool = _option(
        True, "Transform parsing maps first; without, the paper's Baseline: image and poses alone."
    )
    generator_width: float = _option(1.0, "Scale of the generators' filters 64..512.", 0.03, 4)
    generator_levels: int = _option(6, "Resolutions of the two-stream U-Nets.", 2, 8)
    local_enhancer: bool = _option(
        False,
        "Learn at half the canvas, then at all of it by a local enhancer that fades in (stage enhancer).",
    )
    dropout: float = _option(0.5, "Dropout of the decoders' first three levels.", 0, 0.9)
    upsampling: str = _option(
        "transposed",
        "How decoders double a map: by a transposed convolution (the paper's), by one and a binomial filter, "
        "or bilinearly before a 3x3 convolution.",
        choices=("transposed", "filtered", "resize"),
    )
    centred_warps: bool = _option(
        False, "Read deformable skips at the centres of a level's pixels. As published: off-centre."
    )
    keep_background: bool = _option(
        False,
        "Show the target encoder the source's background where it is. As published it moves with the torso.",
    )
    bounded_torso: bool = _option(
        False,
        "Bound the torso's mask in deformable skips to the neighbourhood of the target person. As published "
        "it is the whole canvas.",
    )
    discriminator_width: float = _option(1.0, "Scale of the discriminators' 64 filters.", 0.03, 4)
    discriminator_layers: int = _option(3, "Strided layers of the discriminators.", 1, 5)
    pose_detector_width: float = _option(1.0, "Scale of the pose detector's 64 filters.", 0.03, 4)
    pose_detector_blocks: int = _option(9, "Residual blocks of the pose detector.", 1, 18)
    pose_sigma: float = _option(6.0, "Standard deviation of a joint's heatmap, pixels.", 0.5)
    joint_radius: float = _option(4.0, "Radius of a joint in the pose mask, pixels.", 0.5)


@dataclasses.dataclass(frozen=True)
class LossConfig(_Checked):
    """Loss terms and their weights (Sections 3.1 and 3.2; Market-1501's weights by default)."""

    adversarial: str = _option(
        "least_squares", "Form of the adversarial losses.", choices=("least_squares", "log")
    )
    lambda_ce: float = _option(10.0, "Weight of the parsing cross entropy.", 0)
    lambda_return: float = _option(
        0.0,
        "Weight of the cross entropy of the parsing that was moved and moved back, against the source's own, "
        "in stage end_to_end. The paper has none: 0.",
        0,
    )
    lambda_pose: float = _option(1.0, "Weight of the pose loss.", 0)
    lambda_cont: float = _option(0.003, "Weight of the content loss.", 0)
    lambda_sty: float = _option(1.0, "Weight of the style loss.", 0)
    lambda_self: float = _option(
        0.0,
        "Weight of the L1 distance of self-pairs, a person in its own or the mirrored pose, from the known "
        "picture. The paper has none: 0.",
        0,
    )
    self_pairs: str = _option(
        "both",
        "Which self-pairs --lambda_self takes: in the own pose, in the mirrored one, or every other example "
        "in each.",
        choices=("own", "mirrored", "both"),
    )
    style: str = _option(
        "semantic",
        "What the style loss compares: each parsing label, the person and the rest by the pose mask, "
        "or patches at the joints.",
        choices=("semantic", "mask", "patch"),
    )
    match_style_areas: bool = _option(
        False,
        "Compare the style of regions as if the pose left their areas alone. The authors' form does not: a "
        "garment that comes out smaller has to be brighter, and gets speckles.",
    )
    lambda_nn: float = _option(
        37.0,
        "Weight of the nearest-neighbour loss, with --paired; 37 is its authors' 0.01 in our units.",
        0,
    )
    vgg_weights: str = _option(
        "random",
        "VGG16 filters of content and style: the path of torchvision's vgg16 file (vgg16-397923af.pth, the "
        "authors') or of a Keras .h5 file, imagenet (downloads Keras's), or random.",
    )
    vgg_width: float = _option(1.0, "Scale of VGG16's filters where they are random.", 0.03, 1)
    face_size: int = _option(32, "Side of the face discriminator's crop, pixels.", 24)


@dataclasses.dataclass(frozen=True)
class OptimizerConfig(_Checked):
    """Adam and its schedule (Section 4.1), and steps for each stage."""

    batch_size: int = _option(16, "Examples a step, over all replicas.", 1)
    learning_rate: float = _option(2e-4, "Adam's learning rate.", 0)
    beta_1: float = _option(0.5, "Adam's first decay.", 0, 0.9999)
    beta_2: float = _option(0.999, "Adam's second decay.", 0, 0.999999)
    decay_from: float = _option(
        1.0, "Fraction of a stage after which the rate falls linearly to zero; 1: never.", 0, 1
    )
    clip_norm: float = _option(
        10.0,
        "Largest global norm of a network group's gradient; 0: no clipping. The authors' code clips before "
        "its backward pass, so it clips zeros and does nothing; this acts.",
        0,
    )
    average_decay: float = _option(
        0.0, "Decay of the moving average of generator weights; 0: no average.", 0, 0.99999
    )
    pose_detector_steps: int = _option(20000, "Steps of stage pose_detector.", 1)
    semantic_steps: int = _option(60000, "Steps of stage semantic.", 1)
    appearance_steps: int = _option(90000, "Steps of stage appearance.", 1)
    enhancer_steps: int = _option(30000, "Steps of stage enhancer, where there is a local enhancer.", 1)
    fade_in_steps: int = _option(
        20000, "Steps of stage enhancer in which the enhancer's share rises from 0 to 1.", 1
    )
    end_to_end_steps: int = _option(10000, "Steps of stage end_to_end.", 1)
    end_to_end_learning_rate: float = _option(2e-4, "Adam's learning rate in stage end_to_end.", 0)

    def steps(self, stage: str) -> int:
        """Steps of a stage of `STAGES`."""
        return getattr(self, f"{stage}_steps")

    def rate(self, stage: str) -> float:
        """Initial learning rate of a stage of `STAGES`."""
        return self.end_to_end_learning_rate if stage == "end_to_end" else self.learning_rate


@dataclasses.dataclass(frozen=True)
class ExperimentConfig:
    """All that decides what a run learns; written to `config.json` and never changed after."""

    data: DataConfig = DataConfig()
    network: NetworkConfig = NetworkConfig()
    loss: LossConfig = LossConfig()
    optimizer: OptimizerConfig = OptimizerConfig()

    def __post_init__(self) -> None:
        if self.loss.vgg_width != 1 and self.loss.vgg_weights != "random":
            raise ConfigError(
                f"--vgg_width={self.loss.vgg_width}: only random filters can be fewer, "
                f"not those of --vgg_weights={self.loss.vgg_weights}"
            )
        self._check_canvas()
        if not self.network.semantics:
            self._check_without_semantics()
        elif self.data.paired:
            raise ConfigError("--paired: supervised learning here has no parsing; give --nosemantics too")
        if self.network.local_enhancer:
            self._check_ladder()

    def _check_without_semantics(self) -> None:
        if self.loss.style == "semantic" and not self.data.paired:
            raise ConfigError(
                "--style=semantic: expected mask or patch with --nosemantics, which has no labels"
            )
        for group, option in (
            (self.network, "local_enhancer"),
            (self.network, "keep_background"),
            (self.loss, "lambda_self"),
        ):
            if getattr(group, option):
                raise ConfigError(f"--{option}: expected a run with semantics, not --nosemantics")

    def _check_canvas(self) -> None:
        halvings = self.network.generator_levels - 1 + self.network.local_enhancer
        stride = 2**halvings
        enhanced = " and --local_enhancer" if self.network.local_enhancer else ""
        for side in ("height", "width"):
            pixels = getattr(self.data, side)
            if pixels % stride:
                raise ConfigError(
                    f"--{side}={pixels}: expected a multiple of {stride}, since "
                    f"--generator_levels={self.network.generator_levels}{enhanced} halves the canvas "
                    f"{halvings} times"
                )

    def _check_ladder(self) -> None:
        steps, fade_in = self.optimizer.enhancer_steps, self.optimizer.fade_in_steps
        if fade_in > steps:
            raise ConfigError(f"--fade_in_steps={fade_in}: expected at most --enhancer_steps={steps}")
        # at half the canvas the face is half as large, and the discriminator still has to halve it
        size, layers = self.loss.face_size, self.network.discriminator_layers
        stride = 2 ** (layers + 1)
        if size % stride or size < 3 * stride:
            raise ConfigError(
                f"--face_size={size}: expected a multiple of {stride} from {3 * stride} up, since "
                f"--local_enhancer and --discriminator_layers={layers} halve it"
            )

    @property
    def canvas(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.data.height, self.data.width

    @property
    def half_canvas(self) -> tuple[int, int]:
        """(height, width) of the global network under a local enhancer."""
        return self.data.height // 2, self.data.width // 2

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages of `STAGES` that this experiment goes through, in order."""
        if self.data.paired:
            return tuple(spec.name for spec in SPECS if spec.is_supervised)
        network = self.network
        return tuple(
            spec.name
            for spec in SPECS
            if (network.semantics or not spec.needs_semantics)
            and (network.local_enhancer or not spec.needs_local_enhancer)
        )

    def at_half_size(self, stage: str) -> bool:
        """Whether a stage works at half the canvas."""
        return self.network.local_enhancer and find_stage(stage).half_size

    def starts_from(self, stage: str) -> tuple[str, ...]:
        """The earlier stages whose networks a stage begins with, later ones winning."""
        spec = find_stage(stage)
        if self.network.local_enhancer and spec.starts_from_enhanced is not None:
            return spec.starts_from_enhanced
        return tuple(earlier for earlier in spec.starts_from if earlier in self.stages)

    def to_json(self) -> str:
        """The whole configuration as indented JSON."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> ExperimentConfig:
        """Reads what `to_json` wrote; raises ConfigError on unknown or out-of-range fields."""
        groups = {}
        for field in dataclasses.fields(cls):
            group: Any = type(field.default)
            values = json.loads(text).get(field.name, {})
            unknown = set(values) - {f.name for f in dataclasses.fields(group)}
            if unknown:
                raise ConfigError(f"unknown option {field.name}.{sorted(unknown)[0]}")
            groups[field.name] = group(**values)
        return cls(**groups)


@dataclasses.dataclass(frozen=True)
class RunConfig(_Checked):
    """How a run is carried out: may differ from one call to the next without changing its results."""

    run_dir: str = _option("", "Directory of the run: configuration, checkpoints, logs, panels.")
    stage: str = _option("all", "Stage to run, or all in order.", choices=("all", *STAGES))
    start_from: str = _option(
        "", "Run directory whose finished pose_detector and semantic are copied, where they are the same."
    )
    checkpoint_every: int = _option(500, "Steps between checkpoints.", 1)
    keep_checkpoints: int = _option(2, "Checkpoints kept per stage.", 1)
    log_every: int = _option(50, "Steps between lines of metrics.jsonl and TensorBoard scalars.", 1)
    panel_every: int = _option(500, "Steps between panels of pictures.", 1)
    validate_every: int = _option(0, "Steps between scores of a held-out set; 0: none.", 0)
    validation_pairs: str = _option(
        "",
        "CSV from,to of the held-out pairs, people of the data directory's test/, each target the same "
        "person's true image. Empty: its test pairs. Whoever chooses options or a checkpoint by test pairs "
        "has seen the answers: to choose, give a list of people that are not evaluated.",
    )
    validation_limit: int = _option(32, "Held-out pairs that are scored, the first ones; 0: all.", 0)
    precision: str = _option(
        "float32", "Arithmetic of the networks.", choices=("float32", "mixed_float16", "mixed_bfloat16")
    )
    xla: bool = _option(False, "Compile train steps with XLA.")
    dry_run: bool = _option(False, "Check everything, print what would be done, and stop.")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.run_dir:
            raise ConfigError("--run_dir: expected the directory to write the run to")

    def path(self, *parts: str) -> str:
        """A path inside the run directory."""
        return os.path.join(self.run_dir, *parts)
