"""The two generators together: parsing transformation, then appearance (Figure 2 of the paper)."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator
from typing import NamedTuple

import tensorflow as tf

from spt_tf.geometry.low_pass import without_grid
from spt_tf.geometry.poses import describe_pose, describe_transfer, neighbourhood
from spt_tf.layers.convolutions import hold_kernels
from spt_tf.layers.dropout import DropoutSeed
from spt_tf.layers.shapes_alone import shapes_alone
from spt_tf.models import conditioning
from spt_tf.models.background import lay_before_background, paste_background, person_seen, still_background
from spt_tf.people import Person, Pose, PoseTransfer


class PosePair(NamedTuple):
    """A source and a target pose, and how parts move from one to the other.

    half: the same at half the size, for generators that work at both sizes.
    """

    source: Pose
    target: Pose
    transfer: PoseTransfer
    half: PosePair | None = None

    @property
    def halved(self) -> PosePair:
        """The same at half the size. Raises ValueError if it was not described."""
        if self.half is None:
            raise ValueError("these poses were described at one size")
        return self.half


class DescribedPose(NamedTuple):
    """A pose and what it was described from: keypoints `[B,18,2]` in pixels of its canvas.

    half: the same at half the size.
    """

    keypoints: tf.Tensor
    pose: Pose
    half: DescribedPose | None = None


class Additions(NamedTuple):
    """What is ours in how people are painted; as published, none of it.

    keep_background: E_S' sees the source's background where it is; published: it moves with the torso.
    paste_background: the picture shows the source's own pixels where both parsings say background.
    bounded_torso: the torso's mask ends in the neighbourhood of the target person; published: nowhere.
    filter_pictures: finished pictures, not those that losses see, go through
        `geometry.low_pass.without_grid`. (A filter that is trained through is made up for by its input.)
    filter_brightness: the share of brightness that is filtered with them, 0 to 1; of colours it is all.
    fill_background: finished people stand before the source's background, carried on where the source stood.
    """

    keep_background: bool = False
    paste_background: bool = False
    bounded_torso: bool = False
    filter_pictures: bool = False
    filter_brightness: float = 0.5
    fill_background: bool = False

    @property
    def background_stays(self) -> bool:
        """Whether a person moves before a background that does not."""
        return self.keep_background or self.paste_background


AS_PUBLISHED = Additions()


class NoSemanticGenerator(ValueError):
    """A run without H_S was asked for a target parsing, or a run without semantics was given one."""


class PersonGenerator(tf.Module):
    """H_S and H_A behind three calls: `transform_parsing`, `render` and `transfer_pose`.

    semantic_generator, appearance_generator: `networks.TwoStreamUNet`s of 10 and 3 channels; without H_S only
    `render`, on a given target parsing, answers.
    canvas: (height, width) in pixels.
    sigma, joint_radius: how poses are drawn, pixels.
    additions: to the published way of painting.
    """

    _PARTS: tuple[str, ...] = ("semantic_generator", "appearance_generator")  # attributes that are networks

    def __init__(
        self,
        semantic_generator: tf.keras.Model | None,
        appearance_generator: tf.keras.Model,
        canvas: tuple[int, int],
        sigma: float,
        joint_radius: float,
        additions: Additions = AS_PUBLISHED,
    ):
        super().__init__()
        self.semantic_generator = semantic_generator
        self.appearance_generator, self._prepare = appearance_generator, appearance_generator.prepared
        self.canvas, self.sigma, self.joint_radius = canvas, sigma, joint_radius
        self.additions = additions

    @property
    def predicts_parsing(self) -> bool:
        """Whether this run has an H_S."""
        return self.semantic_generator is not None

    @property
    def needs_target_parsing(self) -> bool:
        """Whether only `render` works: H_A takes a target parsing, and no H_S predicts it."""
        return not self.predicts_parsing

    def as_input(self, person: Person) -> Person:
        """The person as the networks take it: all of it."""
        return person

    def networks(self) -> dict[str, tf.keras.Model]:
        """The networks of this run, by the names they are saved under."""
        named = {
            "semantic_generator": self.semantic_generator,
            "appearance_generator": self.appearance_generator,
        }
        return {name: network for name, network in named.items() if network is not None}

    def traced(self) -> PersonGenerator:
        """This generator, of the same variables, for graphs of several callers that only draw.

        Networks and poses are functions there, each traced once for batches of any size, where every caller
        would otherwise hold a copy.
        """
        shared = copy.copy(self)
        calls = {part: getattr(self, part) for part in ("pose_pair", *self._PARTS)}
        # past tf.Module, which would note them as what is to be saved of `self`, too
        shared.__dict__.update(
            {part: tf.function(call, autograph=False) for part, call in calls.items() if call is not None}
        )
        return shared

    def create_variables(self) -> None:
        """Builds the networks for the shapes of blank input."""
        with self.on_smallest_canvas() as (height, width), shapes_alone():
            blank = Person(
                tf.zeros([1, height, width, 3]), tf.zeros([1, height, width, 10]), -tf.ones([1, 18, 2])
            )
            pair = self.pose_pair(blank.keypoints, blank.keypoints)
            if self.predicts_parsing:
                self.predict_parsing(blank.parsing, pair)
            self.paint(blank.image, blank.parsing, blank.parsing, pair)

    def hold_kernels(self, dtype: tf.DType) -> None:
        """Keeps the weights once, in the type that is computed in (`layers.convolutions.hold_kernels`)."""
        height, _ = self.canvas
        with self.on_smallest_canvas() as (built_with, _):
            times = height // built_with
        for network in self.networks().values():
            hold_kernels(network, dtype, times)

    @contextlib.contextmanager
    def on_smallest_canvas(self, multiple: int = 1, at_least: int = 1) -> Iterator[tuple[int, int]]:
        """Inside, it works on its canvas halved as often as the networks allow: (height, width).

        For making variables, which are the same there, and sooner made.
        multiple, at_least: what others, such as discriminators, ask of height and width; the former a
            power of two.
        """
        canvas, multiple = self.canvas, 2 * max(multiple, self._multiple())
        height, width = canvas
        while height % multiple == width % multiple == 0 and min(height, width) >= 2 * at_least:
            height, width = height // 2, width // 2
        self.canvas = height, width
        try:
            yield self.canvas
        finally:
            self.canvas = canvas

    def _multiple(self) -> int:
        """Of which a canvas' height and width must be multiples."""
        return 2 ** (self.appearance_generator.levels - 1)

    def semantic_variables(self) -> list[tf.Variable]:
        """The trainable variables of H_S; empty without H_S."""
        return [] if self.semantic_generator is None else self.semantic_generator.trainable_variables

    def appearance_variables(self) -> list[tf.Variable]:
        """The trainable variables of H_A."""
        return self.appearance_generator.trainable_variables

    def pose_pair(self, source_keypoints: tf.Tensor, target_keypoints: tf.Tensor) -> PosePair:
        """Everything the networks need to know of two sets of keypoints `[B,18,2]`."""
        return self._pair(*self._both_described(source_keypoints, target_keypoints))

    def there_and_back(
        self, source_keypoints: tf.Tensor, target_keypoints: tf.Tensor
    ) -> tuple[PosePair, PosePair]:
        """The pair, and the one from target to source, whose poses are the same ones."""
        source, target = self._both_described(source_keypoints, target_keypoints)
        pair = self._pair
        if not tf.executing_eagerly():  # of the two calls one is traced
            pair = tf.function(pair, autograph=False)
        return pair(source, target), pair(target, source)

    def _both_described(
        self, source_keypoints: tf.Tensor, target_keypoints: tf.Tensor
    ) -> tuple[DescribedPose, DescribedPose]:
        """As one batch, which takes half as many operators."""
        keypoints = [tf.cast(one, tf.float32) for one in (source_keypoints, target_keypoints)]
        both = self._described(tf.concat(keypoints, axis=0))
        halves = [[None, None] if one is None else tf.split(one, 2) for one in tf.nest.flatten(both)]
        source, target = (tf.nest.pack_sequence_as(both, one) for one in zip(*halves))
        return source, target

    def _described(self, keypoints: tf.Tensor) -> DescribedPose:
        """At every size at which this generator works."""
        return self._described_on(self.canvas, keypoints)

    def _described_on(self, canvas: tuple[int, int], keypoints: tf.Tensor) -> DescribedPose:
        return DescribedPose(keypoints, describe_pose(keypoints, canvas, self.sigma, self.joint_radius))

    def _pair(self, source: DescribedPose, target: DescribedPose) -> PosePair:
        person_mask = neighbourhood(target.pose.mask) if self.additions.bounded_torso else None
        canvas = tuple(target.pose.mask.shape[1:3])
        transfer = describe_transfer(source.keypoints, target.keypoints, canvas, person_mask)
        half = self._pair(source.half, target.half) if source.half and target.half else None
        return PosePair(source.pose, target.pose, self._prepared(transfer), half)

    def _prepared(self, transfer: PoseTransfer) -> PoseTransfer:
        """A transfer for both networks: with what both would work out of it."""
        return self._prepare(transfer)

    def at_semantic_size(self, pair: PosePair, *parsings: tf.Tensor) -> tuple:
        """The pose pair and full-size parsings at the size at which H_S predicts and L_S compares."""
        return pair, *parsings

    def predict_parsing(
        self, parsing: tf.Tensor, pair: PosePair, dropout_seed: DropoutSeed | None = None
    ) -> tf.Tensor:
        """S~_pt = G_S(E_S(S_ps, p_s, M_ps), E_P(p_t, M_pt)): softmax `[B,H,W,10]` (Section 3.1).

        Raises NoSemanticGenerator without H_S.
        """
        if self.semantic_generator is None:
            raise NoSemanticGenerator("this run has no semantic generator: give it the target's parsing")
        return self.semantic_generator(
            conditioning.semantic_source(parsing, pair.source),
            conditioning.semantic_target(pair.target),
            pair.transfer,
            dropout_seed=dropout_seed,
        )

    def paint(
        self,
        image: tf.Tensor,
        parsing: tf.Tensor | None,
        target_parsing: tf.Tensor | None,
        pair: PosePair,
        dropout_seed: DropoutSeed | None = None,
        is_generated: bool = False,
        is_finished: bool = False,
    ) -> tf.Tensor:
        """I~_pt = G_A(E_A(I_ps, S_ps, p_s), E_S'(S~_pt, p_t)): `[B,H,W,3]` in [-1, 1] (Section 3.2).

        is_generated: whether the image is a generator's own, on the way back.
        is_finished: whether somebody will look at it; otherwise a loss.
        """
        painted = self._paint_all(image, parsing, target_parsing, pair, dropout_seed, is_generated)
        if is_finished and self.additions.fill_background:
            person = person_seen(target_parsing)
            picture = lay_before_background(painted, image, parsing, person)
            # last, because the edge between the two is coloured too; the scene keeps its brightness
            return self._filtered(picture, person)
        if is_finished:
            painted = self._filtered(painted, 1.0)
        if not self.additions.paste_background:
            return painted
        return paste_background(painted, image, parsing, target_parsing)

    def _filtered(self, picture: tf.Tensor, painted: tf.Tensor | float) -> tf.Tensor:
        """A finished picture without grid, if asked for. painted: share of H_A's in it."""
        if not self.additions.filter_pictures:
            return picture
        return tf.clip_by_value(without_grid(picture, self.additions.filter_brightness * painted), -1.0, 1.0)

    def _paint_all(
        self,
        image: tf.Tensor,
        parsing: tf.Tensor | None,
        target_parsing: tf.Tensor | None,
        pair: PosePair,
        dropout_seed: DropoutSeed | None,
        is_generated: bool,
    ) -> tf.Tensor:
        """H_A's own picture, of `paint`'s arguments."""
        return self.appearance_generator(
            *self._appearance_inputs(image, parsing, target_parsing, pair),
            pair.transfer,
            dropout_seed=dropout_seed,
        )

    def _appearance_inputs(
        self,
        image: tf.Tensor,
        parsing: tf.Tensor | None,
        target_parsing: tf.Tensor | None,
        pair: PosePair,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """What E_A and E_S' see, at the size of the image."""
        background = still_background(image, parsing) if self.additions.keep_background else None
        return (
            conditioning.appearance_source(image, parsing, pair.source),
            conditioning.appearance_target(target_parsing, pair.target, background),
        )

    def transform_parsing(
        self, source_parsing: tf.Tensor, source_keypoints: tf.Tensor, target_keypoints: tf.Tensor
    ) -> tf.Tensor:
        """Parsing `[B,H,W,10]` and keypoints `[B,18,2]` to the softmax parsing in the target pose."""
        return self.predict_parsing(source_parsing, self.pose_pair(source_keypoints, target_keypoints))

    def render(self, source: Person, target_parsing: tf.Tensor, target_keypoints: tf.Tensor) -> tf.Tensor:
        """The source person on a given target parsing `[B,H,W,10]`: image `[B,H,W,3]` in [-1, 1]."""
        pair = self.pose_pair(source.keypoints, target_keypoints)
        return self.paint(source.image, source.parsing, target_parsing, pair, is_finished=True)

    def transfer_pose(
        self, source: Person, target_keypoints: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        """The source person in the target pose: image `[B,H,W,3]` in [-1, 1], and parsing `[B,H,W,10]`, which
        is None in a run without semantics.
        """
        source = self.as_input(source)
        pair = self.pose_pair(source.keypoints, target_keypoints)
        parsing = self.predict_parsing(source.parsing, pair)
        return self.paint(source.image, source.parsing, parsing, pair, is_finished=True), parsing
