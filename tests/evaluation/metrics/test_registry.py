"""What holds for every metric there is, and that flags are read without TensorFlow."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest

from spt_tf.evaluation import tables
from spt_tf.evaluation.metrics import registry
from tests.evaluation.plans import bare_plan


def test_metrics_have_names_and_sentences_of_their_own():
    names = [metric.name for metric in registry.METRICS]
    assert len(set(names)) == len(names) and all(name.isidentifier() for name in names)
    described = [name for metric in registry.make_metrics(bare_plan()) for name in metric.describe()]
    assert len(set(described)) == len(described)
    assert set(registry.RANKING) <= set(names)


def test_flags_are_defined_without_tensorflow():
    code = (
        "import sys; from absl import flags; from spt_tf.evaluation.metrics import registry; "
        "registry.define_metric_flags(); flags.FLAGS(['evaluate', '--texture', '--lpips_weights=w']); "
        "given = registry.options_from(flags.FLAGS.flag_values_dict()); "
        "assert given['texture'] is True and given['lpips_weights'] == 'w' and given['pckh'] is False; "
        "assert 'tensorflow' not in sys.modules and 'keras' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_is_left_out_is_told_with_its_reason():
    metrics = registry.make_metrics(bare_plan("gfla", texture=True))
    assert tables.left_out_metrics(metrics) == {
        "mask_ssim": "the scripts of protocol gfla have none",
        "lpips": "no --lpips_weights was given",
        "image_parsing_miou": "no --image_parser was given",
        "pckh": "asked for neither by --pckh nor by --generated_annotations",
        "inception score, mask-IS, fid": "no --inception_graph was given",
    }


def test_options_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"no metric has an option lpips; there are .*lpips_weights"):
        registry.make_metrics(bare_plan(lpips="weights.npz"))
    folder = dataclasses.replace(bare_plan(texture=True), generated_dir="made")
    with pytest.raises(ValueError, match=r"^--texture needs label maps"):
        registry.make_metrics(folder)


def test_scores_depend_on_what_a_file_holds_and_not_on_its_name(tmp_path):
    def identity(name, content):
        (tmp_path / name).write_bytes(content)
        options = {"lpips_weights": str(tmp_path / name)}
        return {one.name: one.identity() for one in registry.make_metrics(bare_plan(**options))}

    assert identity("a.npz", b"1") == identity("b.npz", b"1") != identity("a.npz", b"2")
