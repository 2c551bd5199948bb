"""The authors' DeepFashion training step in PyTorch, for `deepfashion_256.py` to measure.

    python scripts/bench/authors_step.py --measure=step --batch_size=1 --repeats=5

Needs PyTorch only (requirements-torch.txt), in any environment. Prints seconds an image and the largest
resident size in GB.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from typing import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from authors_networks import (
    LABELS,
    PARTS,
    POSE,
    Discriminator,
    Generator,
    Transfer,
    pose_detector,
    vgg,
)


def region_grams(features: Tensor, parsing: Tensor) -> Tensor:
    """Gram matrices of the features under each of eight labels, `[B,8,C,C]`."""
    flat, masks = features.flatten(2), F.avg_pool2d(parsing[:, 1:], 2).flatten(2)
    masked = [flat * masks[:, label : label + 1] for label in range(LABELS - 1)]
    return torch.stack([torch.bmm(m, m.transpose(2, 1)) / flat.shape[2] for m in masked], 1)


def judged(logits: Tensor, truth: float) -> Tensor:
    """The least-squares adversarial term."""
    return F.mse_loss(logits, torch.full_like(logits, truth))


class TrainingStep:
    """Forward and back, all losses, the generator's step and then the discriminators', in their order."""

    def __init__(self):
        self.generator, self.detector, self.features = Generator(), pose_detector(), vgg()
        self.images, self.faces = Discriminator(3 + LABELS), Discriminator(3, grown=True)
        for frozen in (self.detector, self.features):
            frozen.requires_grad_(False)
        self.critics = [*self.images.parameters(), *self.faces.parameters()]
        self.optimizers = [
            torch.optim.Adam(weights, lr=2e-4, betas=(0.5, 0.999))
            for weights in (self.generator.parameters(), self.critics)
        ]

    def __call__(self, batch: dict[str, Tensor]) -> None:
        real, poses, parsings = batch["image"], batch["poses"], batch["parsings"]
        moved = self._paint(real, 0, 1, batch)
        returned = self._paint(moved, 1, 0, batch)
        generated = torch.cat([moved, parsings[1]], 1), torch.cat([returned, parsings[0]], 1)
        crops = [self._face(image, batch) for image in (real, moved, returned)]

        self._freeze_critics(True)
        self.optimizers[0].zero_grad()
        loss = sum(judged(self.images(one), 1.0) for one in generated)
        loss = loss + sum(judged(self.faces(one), 1.0) for one in crops[1:])
        for image, pose in ((moved, poses[1]), (returned, poses[0])):
            loss = loss + 700 * F.mse_loss(self.detector(image), pose)
        maps = [self.features(image) for image in (returned, real, moved)]
        loss = loss + 0.03 * F.mse_loss(maps[0], maps[1])
        there = region_grams(maps[2], parsings[1])
        loss = loss + F.mse_loss(there, region_grams(maps[1], parsings[0]))
        loss = loss + F.mse_loss(region_grams(maps[0], parsings[0]), there)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.generator.parameters(), 100)
        self.optimizers[0].step()

        self._freeze_critics(False)
        self.optimizers[1].zero_grad()
        truth = torch.cat([real, parsings[0]], 1)
        for critic, right, wrongs in ((self.images, truth, generated), (self.faces, crops[0], crops[1:])):
            for wrong in wrongs:
                loss = judged(critic(right), 1.0) + judged(critic(wrong.detach()), 0.0)
                (0.5 * loss).backward()
        self.optimizers[1].step()

    def _freeze_critics(self, frozen: bool) -> None:
        for weight in self.critics:
            weight.requires_grad_(not frozen)

    def _paint(self, image: Tensor, start: int, aim: int, batch: dict[str, Tensor]) -> Tensor:
        return paint(self.generator, image, start, aim, batch)

    @staticmethod
    def _face(image: Tensor, batch: dict[str, Tensor]) -> Tensor:
        grid = F.affine_grid(batch["face"], list(image.shape), align_corners=True)
        return F.grid_sample(image, grid, align_corners=True)


def paint(generator: Generator, image: Tensor, start: int, aim: int, batch: dict[str, Tensor]) -> Tensor:
    """H_A from the person `start` to the person `aim` of the batch, 0 or 1."""
    parsings, poses, transfers = batch["parsings"], batch["poses"], batch["transfers"]
    appearance = torch.cat([image, parsings[start], poses[start]], 1)
    target = torch.cat([poses[aim], parsings[aim]], 1)
    half = [F.avg_pool2d(one, 2) for one in (appearance, target)]
    small = Transfer(transfers[start].transforms, F.max_pool2d(transfers[start].masks, 2))
    return generator((appearance, target, transfers[start]), (*half, small))


def random_batch(size: int) -> dict:
    """Noise in the shape of two poses of a person: the time does not depend on what is in it."""
    parsing = torch.randint(0, LABELS + 1, (2, size, 256, 256))
    parsings = F.one_hot(parsing, LABELS + 1).movedim(-1, 2)[:, :, 1:].float()
    transform = torch.tensor([1.0, 0.1, -5.0, -0.1, 1.0, 5.0, 0.0, 0.0]).repeat(size, PARTS, 1)
    masks = (torch.rand(size, PARTS, 256, 256) > 0.8).float()
    return {
        "image": torch.rand(size, 3, 256, 256) * 2 - 1,
        "poses": torch.rand(2, size, POSE, 256, 256),
        "parsings": parsings.contiguous(),
        "transfers": (Transfer(transform, masks), Transfer(transform, masks)),
        "face": torch.tensor([[0.2, 0.0, 0.1], [0.0, 0.2, -0.7]]).repeat(size, 1, 1),
    }


def measured_call(measure: str, batch_size: int) -> Callable[[], None]:
    """One inference or one training step of a batch."""
    batch = random_batch(batch_size)
    if measure == "step":
        step = TrainingStep()
        return lambda: step(batch)
    generator = Generator().eval()

    @torch.no_grad()
    def infer() -> None:
        paint(generator, batch["image"], 0, 1, batch)

    return infer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", choices=("inference", "step"), required=True)
    parser.add_argument("--batch_size", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    call = measured_call(given.measure, given.batch_size)
    call()
    seconds = []
    for _ in range(given.repeats):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    print(statistics.median(seconds) / given.batch_size, peak)


if __name__ == "__main__":
    main()
