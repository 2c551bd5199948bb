"""The networks of the authors' DeepFashion model in PyTorch, for `authors_step.py`.

Written anew after their published classes (SijieSong/person_generation_spt: Python 2, CUDA only), module by
module under their names, so that their weights load; tests/scripts/test_authors_networks.py holds generator
and pose detector against their own outputs.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

POSE, LABELS, PARTS = 18, 9, 10
ENCODER, DECODER = (64, 128, 256, 512, 512, 512), (512, 512, 512, 256, 128)


class Transfer(NamedTuple):
    """Ten part transforms `[B,10,8]`, target to source pixels, and target part masks `[B,10,H,W]`."""

    transforms: Tensor
    masks: Tensor


def deformable_skip(features: Tensor, transfer: Transfer) -> Tensor:
    """The features warped ten times, masked, and their maximum; as theirs does, ten copies at once."""
    batch, channels, height, width = features.shape
    scale = transfer.masks.shape[-1] / width
    a = transfer.transforms[..., :6].reshape(-1, 2, 3)
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    pixels = torch.stack([x.flatten(), y.flatten()]).float()
    read = a[:, :, :2] @ pixels + a[:, :, 2:] / scale
    sides = torch.tensor([width - 1.0, height - 1.0])
    grid = (read.transpose(1, 2) * 2 / sides - 1).reshape(-1, height, width, 2)
    copies = features[:, None].expand(-1, PARTS, -1, -1, -1).reshape(-1, channels, height, width)
    warped = F.grid_sample(copies, grid, align_corners=True)
    masks = F.interpolate(transfer.masks, (height, width), mode="bilinear", align_corners=False)
    warped = warped.view(batch, PARTS, channels, height, width) * masks[:, :, None]
    return warped.max(dim=1)[0]


class WholeNorm(nn.InstanceNorm3d):
    """Normalises over height, width and channels together."""

    def __init__(self):
        super().__init__(1, eps=1e-3, affine=True)

    def forward(self, features: Tensor) -> Tensor:
        return super().forward(features[:, None])[:, 0]


class Crop(nn.Module):
    """Takes one pixel off each side."""

    def forward(self, features: Tensor) -> Tensor:
        return features[:, :, 1:-1, 1:-1]


class Block(nn.Module):
    """A level of an encoder or of a decoder."""

    def __init__(self, inputs: int, outputs: int, down: bool, norm: bool = True, dropout: bool = False):
        super().__init__()
        if down:
            layers = [nn.LeakyReLU(0.2), nn.Conv2d(inputs, outputs, 4, 2, 1, bias=False)]
        else:
            layers = [nn.ReLU(), nn.ConvTranspose2d(inputs, outputs, 4, 2, bias=False), Crop()]
        layers += [WholeNorm()] * norm + [nn.Dropout2d()] * dropout
        self.net = nn.Sequential(*layers)

    def forward(self, features: Tensor) -> Tensor:
        return self.net(features)


class Encoder(nn.Module):
    """Features of every level; those of the first may fade into others."""

    def __init__(self, inputs: int, filters: tuple[int, ...], norm_last: bool = False):
        super().__init__()
        levels = [nn.Conv2d(inputs, filters[0], 3, padding=1)]
        for index in range(1, len(filters)):
            last = index == len(filters) - 1
            levels.append(Block(filters[index - 1], filters[index], down=True, norm=norm_last or not last))
        self.net = nn.ModuleList(levels)

    def forward(self, inputs: Tensor, fading_in: Tensor | float = 0.0, alpha: float = 0.0) -> list[Tensor]:
        outputs = [(1 - alpha) * self.net[0](inputs) + alpha * fading_in]
        for level in self.net[1:]:
            outputs.append(level(outputs[-1]))
        return outputs


class GlobalDecoder(nn.Module):
    """From the joined skips, the deepest last, to features and an enlarged picture."""

    def __init__(self):
        super().__init__()
        wide = [2 * ENCODER[-1]] + [2 * skip + before for skip, before in zip(ENCODER[-2::-1], DECODER)]
        levels = [
            Block(inputs, outputs, down=False, dropout=index < 3)
            for index, (inputs, outputs) in enumerate(zip(wide, DECODER))
        ]
        self.net = nn.ModuleList([*levels, nn.ReLU(), nn.Conv2d(wide[-1], 3, 3, padding=1), nn.Tanh()])

    def forward(self, skips: list[Tensor]) -> tuple[Tensor, Tensor]:
        features = self.net[0](skips[-1])
        for level, skip in zip(self.net[1:5], skips[-2::-1]):
            features = level(torch.cat([features, skip], 1))
        picture = F.interpolate(torch.cat([features, skips[0]], 1), scale_factor=2, mode="nearest")
        return self.net[7](self.net[6](self.net[5](picture))), features


class GlobalGenerator(nn.Module):
    """The generator at half the size."""

    def __init__(self):
        super().__init__()
        self.encoder_app = Encoder(3 + LABELS + POSE, ENCODER)
        self.encoder_pose = Encoder(POSE + LABELS, ENCODER)
        self.decoder = GlobalDecoder()

    def forward(self, appearance, target, transfer, fading_in, alpha):
        source = self.encoder_app(appearance, fading_in[0], alpha)
        aim = self.encoder_pose(target, fading_in[1], alpha)
        skips = [
            torch.cat([deformable_skip(a, transfer) if level < 4 else a, b], 1)
            for level, (a, b) in enumerate(zip(source, aim))
        ]
        picture, features = self.decoder(skips)
        return picture, features, skips[0]


class LocalDecoder(nn.Module):
    """Doubles the size of the fused features."""

    def __init__(self):
        super().__init__()
        self.net = nn.ModuleList(
            [Block(256, 64, down=False), nn.ReLU(), nn.Conv2d(128, 3, 3, padding=1), nn.Tanh()]
        )

    def forward(self, skip: Tensor, fused: Tensor) -> Tensor:
        features = torch.cat([self.net[0](fused), skip], 1)
        return self.net[3](self.net[2](self.net[1](features)))


class Generator(nn.Module):
    """Global generator and local enhancer, 61.5 M weights."""

    def __init__(self):
        super().__init__()
        self.model_global = GlobalGenerator()
        self.model_local_encoder_app = Encoder(3 + LABELS + POSE, (32, 64), norm_last=True)
        self.model_local_encoder_pose = Encoder(POSE + LABELS, (32, 64), norm_last=True)
        self.model_local_decoder = LocalDecoder()

    def forward(self, full: tuple, half: tuple, alpha: float = 1.0) -> Tensor:
        """full, half: (appearance, target, Transfer) at 256 and at 128 pixels."""
        appearance, target, transfer = full
        source, aim = self.model_local_encoder_app(appearance), self.model_local_encoder_pose(target)
        # theirs warps both levels and then throws the second away
        skip = torch.cat([deformable_skip(source[0], transfer), aim[0]], 1)
        torch.cat([deformable_skip(source[1], transfer), aim[1]], 1)
        coarse, features, half_skip = self.model_global(*half, (source[1], aim[1]), alpha)
        fine = self.model_local_decoder(skip, torch.cat([features, half_skip], 1))
        return alpha * fine + (1 - alpha) * coarse


def pose_detector() -> nn.Sequential:
    """P: the 9-block ResNet generator, 64 filters, image -> 18 heatmaps."""

    def norm(channels: int) -> nn.Module:
        return nn.InstanceNorm2d(channels, affine=False, track_running_stats=True)

    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            first = [nn.ReflectionPad2d(1), nn.Conv2d(256, 256, 3), norm(256), nn.ReLU(True)]
            second = [nn.ReflectionPad2d(1), nn.Conv2d(256, 256, 3), norm(256)]
            self.conv_block = nn.Sequential(*first, *second)

        def forward(self, features: Tensor) -> Tensor:
            return features + self.conv_block(features)

    layers = [nn.ReflectionPad2d(3), nn.Conv2d(3, 64, 7), norm(64), nn.ReLU(True)]
    for channels in (64, 128):
        layers += [nn.Conv2d(channels, 2 * channels, 3, 2, 1), norm(2 * channels), nn.ReLU(True)]
    layers += [Residual() for _ in range(9)]
    for channels in (256, 128):
        up = nn.ConvTranspose2d(channels, channels // 2, 3, 2, 1, output_padding=1)
        layers += [up, norm(channels // 2), nn.ReLU(True)]
    return nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(64, POSE, 7), nn.Tanh())


class Discriminator(nn.Module):
    """PatchGAN of three layers; a grown one has a first layer more, for crops of twice the size."""

    def __init__(self, inputs: int, grown: bool = False):
        super().__init__()
        layers = [nn.Conv2d(inputs, 64, 4, 2, 1), nn.LeakyReLU(0.2, True)]
        for before, after, stride in ((64, 128, 2), (128, 256, 2), (256, 512, 1)):
            norm = nn.InstanceNorm2d(after, affine=False, track_running_stats=True)
            layers += [nn.Conv2d(before, after, 4, stride, 1), norm, nn.LeakyReLU(0.2, True)]
        self.model = nn.ModuleList([*layers, nn.Conv2d(512, 1, 4, 1, 1)])
        self.first = nn.Conv2d(inputs, 64, 4, 2, 1) if grown else None

    def forward(self, images: Tensor, alpha: float = 1.0) -> Tensor:
        small = images if self.first is None else F.avg_pool2d(images, 2)
        features = self.model[1](self.model[0](small))
        if self.first is not None:
            new = F.avg_pool2d(F.leaky_relu(self.first(images), 0.2), 2)
            features = (1 - alpha) * features + alpha * new
        for layer in self.model[2:]:
            features = layer(features)
        return features


def vgg() -> nn.Sequential:
    """Lambda: VGG16 up to relu2_1."""
    first = [nn.Conv2d(3, 64, 3, padding=1), nn.ReLU(True), nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(True)]
    return nn.Sequential(*first, nn.MaxPool2d(2), nn.Conv2d(64, 128, 3, padding=1), nn.ReLU(True))
