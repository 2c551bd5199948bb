"""All that decides what a run learns."""

from __future__ import annotations

import dataclasses

from spt_tf.config.data import DataConfig
from spt_tf.config.grouped import Grouped
from spt_tf.config.loss import LossConfig
from spt_tf.config.network import NetworkConfig
from spt_tf.config.optimizer import OptimizerConfig
from spt_tf.config.option import ConfigError
from spt_tf.config.stage_spec import SPECS, find_stage


@dataclasses.dataclass(frozen=True)
class ExperimentConfig(Grouped):
    """All that decides what a run learns; written to `config.json` and never changed after."""

    data: DataConfig = dataclasses.field(default=DataConfig())
    network: NetworkConfig = dataclasses.field(default=NetworkConfig())
    loss: LossConfig = dataclasses.field(default=LossConfig())
    optimizer: OptimizerConfig = dataclasses.field(default=OptimizerConfig())

    def __post_init__(self) -> None:
        if self.loss.vgg_width != 1 and self.loss.vgg_weights != "random":
            raise ConfigError(
                f"--vgg_width={self.loss.vgg_width}: only random filters can be fewer, "
                f"not those of --vgg_weights={self.loss.vgg_weights}"
            )
        self._check_canvas()
        if not self.network.semantics:
            self._check_without_semantics()
        elif self.data.paired and self.network.local_enhancer:
            raise ConfigError("--paired: supervised learning has no --local_enhancer here")
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
            (self.network, "paste_background"),
            (self.network, "fill_background"),
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
        size, stride, least = self.loss.face_size, *self.network.discriminated_sides
        if size % stride or size < least:
            raise ConfigError(
                f"--face_size={size}: expected a multiple of {stride} from {least} up, since "
                f"--local_enhancer and --discriminator_layers={self.network.discriminator_layers} halve it"
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
        network = self.network
        return tuple(
            spec.name
            for spec in SPECS
            if (spec.is_supervised or not self.data.paired)
            and (network.semantics or not spec.needs_semantics)
            and (network.local_enhancer or not spec.needs_local_enhancer)
            and not (network.pose_finder and spec.trains == ("pose_detector",))
        )

    def at_half_size(self, stage: str) -> bool:
        """Whether a stage works at half the canvas."""
        return self.network.local_enhancer and find_stage(stage).half_size

    def starts_from(self, stage: str) -> tuple[str, ...]:
        """The earlier stages whose networks a stage begins with, later ones winning."""
        spec = find_stage(stage)
        starts_from = spec.starts_from
        if self.network.local_enhancer and spec.starts_from_enhanced is not None:
            starts_from = spec.starts_from_enhanced
        return tuple(earlier for earlier in starts_from if earlier in self.stages)
