"""Networks whose variables are made for shapes alone are those whose first call made them."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.geometry.poses import describe_transfer
from spt_tf.layers.convolutions import Convolution, Doubling
from spt_tf.layers.shapes_alone import shapes_alone, shapes_noted
from spt_tf.networks.grown_discriminator import GrownDiscriminator
from spt_tf.networks.local_enhancer import LocalEnhancer
from spt_tf.networks.patch_discriminator import PatchDiscriminator
from spt_tf.networks.pose_detector import PoseDetector
from spt_tf.networks.two_stream_unet import TwoStreamUNet
from spt_tf.networks.vgg import VggFeatures

CANVAS = (32, 16)


def _maps(channels: int) -> tf.Tensor:
    return tf.random.stateless_normal([2, *CANVAS, channels], seed=(1, 2))


def _transfer(canvas=CANVAS):
    nobody = -tf.ones([2, 18, 2])
    return describe_transfer(nobody, nobody, canvas)


def _unet(levels=4, **options) -> tf.keras.Model:
    return TwoStreamUNet(10, "softmax", width=0.125, levels=levels, **options)


def _of_an_enhancer():
    full = _maps(30), _maps(27), _transfer()
    half = [maps[:, ::2, ::2] for maps in full[:2]]
    return *full, *half, _transfer((16, 8)), 0.5


NETWORKS = {
    "a U-Net": (_unet, lambda: (_maps(29), _maps(19), _transfer())),
    "a U-Net that resizes": (lambda: _unet(upsampling="resize"), lambda: (_maps(5), _maps(6), _transfer())),
    "a discriminator": (lambda: PatchDiscriminator(width=0.125, layers=2), lambda: (_maps(12),)),
    "a pose detector": (lambda: PoseDetector(width=0.125, blocks=2), lambda: (_maps(3),)),
    "a local enhancer": (lambda: LocalEnhancer(_unet(levels=3)), _of_an_enhancer),
    "a grown discriminator": (
        lambda: GrownDiscriminator(PatchDiscriminator(width=0.125, layers=1)),
        lambda: (_maps(3),),
    ),
    "Lambda": (lambda: VggFeatures(width=0.125), lambda: (_maps(3),)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_variables_and_answers_have_the_shapes_and_values_of_a_call(name):
    make, given = NETWORKS[name]
    tf.keras.utils.set_random_seed(3)
    called = make()
    answer = called(*given())
    tf.keras.utils.set_random_seed(3)
    made = make()
    with shapes_alone():
        zeros = made(*given())
    assert (zeros.shape, zeros.dtype) == (answer.shape, answer.dtype)
    assert not np.any(zeros) and np.any(answer)
    assert len(made.weights) == len(called.weights) > 0
    for one, other in zip(made.weights, called.weights):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(made(*given()), answer)


@pytest.mark.parametrize("name", ["a U-Net", "a U-Net that resizes", "a local enhancer", "a discriminator"])
def test_layers_remember_the_size_of_the_maps_that_they_are_given(name, monkeypatch):
    make, given = NETWORKS[name]
    network, seen = make(), {}

    def note(kind, call):
        def noting(layer, maps, *others):
            seen[id(layer)] = maps.shape
            return call(layer, maps, *others)

        monkeypatch.setattr(kind, call.__name__, noting)

    note(Convolution, Convolution.convolution_op)
    note(Doubling, Doubling.call)
    with shapes_alone():
        network(*given())
    assert not seen
    network(*given())
    layers = [layer for layer in network.submodules if isinstance(layer, (Convolution, Doubling))]
    assert [tuple(layer._built_with) for layer in layers] == [tuple(seen[id(layer)]) for layer in layers]


@pytest.mark.parametrize("name", [name for name in NETWORKS if name != "Lambda"])
def test_layers_are_noted_instead_of_made(name):
    make, given = NETWORKS[name]
    network, noted_of = make(), make()
    with shapes_alone():
        network(*given())
    with shapes_noted() as noted:
        noted_of(*given())
    assert not noted_of.weights
    channels = [shape[-1] for layer, shape in noted if isinstance(layer, tf.keras.layers.Conv2D)]
    made = [layer for layer in network.submodules if isinstance(layer, tf.keras.layers.Conv2D)]
    assert sorted(channels) == sorted(layer.input_spec.axes[-1] for layer in made)


def test_maps_that_do_not_fit_are_refused_all_the_same():
    with shapes_alone(), pytest.raises(ValueError, match="multiples of 8"):
        _unet()(tf.zeros([1, 20, 16, 29]), tf.zeros([1, 20, 16, 19]), _transfer())
