"""Options of the network that finds people's parsings and joints (scripts/train_perception.py)."""

from __future__ import annotations

import dataclasses

from spt_tf.config.grouped import Grouped
from spt_tf.config.option import Checked, ConfigError, option
from spt_tf.config.run import CarriedOut

STAGE = "perception"  # the one stage of its training
_STRIDE = 16  # of networks.person_finder, which this room may not import


@dataclasses.dataclass(frozen=True)
class PeopleOptions(Checked):
    """Whom the network learns from."""

    data_dir: str = option(
        "",
        "Data directory with people in train/ to learn from, their parsings and keypoints. Empty: paper "
        "dolls, drawn endlessly.",
    )
    dolls: float = option(0.0, "Share of paper dolls in a batch beside --data_dir.", 0, 1)
    height: int = option(128, "Image height in pixels.", 16)
    width: int = option(64, "Image width in pixels.", 16)
    flip: bool = option(True, "Mirror half of the training examples left to right.")
    augmentation: float = option(
        0.5, "How often an example meets each change: place, background, occluders, light, blur, noise.", 0, 1
    )
    final_augmentation: float = option(
        0.1, "--augmentation at the end: it falls to that, if it is more, as the learning rate falls.", 0, 1
    )
    looks: int = option(
        4, "Batches in which a drawn doll comes, each time changed anew: drawing is dear.", 1, 16
    )
    seed: int = option(0, "Seed of weights, people and augmentation.", 0)


@dataclasses.dataclass(frozen=True)
class FinderOptions(Checked):
    """The network, its losses and its optimizer."""

    finder_width: float = option(1.0, "Scale of the network's filters 16..192.", 0.1, 4)
    heatmap_sigma: float = option(
        1 / 32, "Standard deviation of a joint's heatmap, as a share of the height.", 0.005, 0.2
    )
    start_from: str = option(
        "", "Run directory of a finder of the same width, of any canvas: training begins with its weights."
    )
    joint_weight: float = option(0.5, "Weight of the joints' places beside parsing.", 0)
    presence_weight: float = option(0.5, "Weight of which joints are to be seen, beside parsing.", 0)
    batch_size: int = option(16, "Examples a step, over all replicas.", 1)
    perception_steps: int = option(6000, "Steps of training.", 1)
    learning_rate: float = option(2e-3, "Adam's learning rate.", 0)
    beta_1: float = option(0.9, "Adam's first decay.", 0, 0.9999)
    beta_2: float = option(0.99, "Adam's second decay.", 0, 0.999999)
    decay_from: float = option(0.3, "Fraction of training after which the rate falls linearly to zero.", 0, 1)
    clip_norm: float = option(10.0, "Largest global norm of the gradient; 0: no clipping.", 0)
    average_decay: float = option(0.99, "Decay of the moving average of weights; 0: no average.", 0, 0.99999)

    def steps(self, stage: str) -> int:
        """Steps of its one stage."""
        return self.perception_steps

    def rate(self, stage: str) -> float:
        """Initial learning rate of its one stage."""
        return self.learning_rate


@dataclasses.dataclass(frozen=True)
class PerceptionConfig(Grouped):
    """All that decides what a finder learns; written to its run directory's `config.json`."""

    people: PeopleOptions = dataclasses.field(default=PeopleOptions())
    finder: FinderOptions = dataclasses.field(default=FinderOptions())

    def __post_init__(self) -> None:
        for side in ("height", "width"):
            if getattr(self.people, side) % _STRIDE:
                raise ConfigError(f"--{side}={getattr(self.people, side)}: expected a multiple of {_STRIDE}")
        if self.people.dolls and not self.people.data_dir:
            raise ConfigError("--dolls: a share beside --data_dir; without that, all are paper dolls")

    @property
    def canvas(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.people.height, self.people.width

    @property
    def sigma(self) -> float:
        """Standard deviation of a joint's heatmap in pixels."""
        return self.finder.heatmap_sigma * self.people.height


@dataclasses.dataclass(frozen=True)
class PerceptionRun(CarriedOut):
    """How a training of the finder is carried out: may differ from one call to the next."""

    drawing_processes: int = option(1, "Processes that draw paper dolls; 0: this one does.", 0, 256)
