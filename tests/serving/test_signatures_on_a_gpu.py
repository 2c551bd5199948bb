"""Every exported signature stays on a GPU but for decoding and encoding pictures: told without one."""

from __future__ import annotations

import pytest

from spt_tf.networks.person_finder import person_finder
from spt_tf.perception.finder import PersonFinder
from spt_tf.serving.signatures import PersonServer
from spt_tf.training.build import build_person_generator
from tests.gpu_placement import assert_stays_on_the_gpu, needs_gpu_kernels
from tests.perception.tiny import tiny_config
from tests.tiny import tiny_experiment, tiny_ladder

pytestmark = needs_gpu_kernels
MAKERS = {"plain": tiny_experiment, "local enhancer": tiny_ladder}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_every_signature_stays_on_the_gpu(make):
    experiment = make(generator_levels=2, joint_radius=0.5)
    generator = build_person_generator(experiment, experiment.canvas)
    generator.create_variables()
    config = tiny_config(height=experiment.canvas[0], width=experiment.canvas[1])
    finder = PersonFinder(config, person_finder(0.2), step=0, flip_test=True)
    signatures = PersonServer(generator, finder).trace(batch=2)
    assert len(signatures) == 10
    for function in set(signatures.values()):
        assert_stays_on_the_gpu(function)
