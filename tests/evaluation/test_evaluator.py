"""The loop over pairs: scores, carrying on, and sheets of what was scored."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from spt_tf.data.datasets import load_people
from spt_tf.evaluation import evaluator, sheets
from spt_tf.evaluation.baselines import copied_source, warped_source
from spt_tf.inference import Generated
from tests.evaluation.doll_house import CANVAS, write_doll_house
from tests.evaluation.plans import plain_metrics


def _true_target(batch):
    return Generated(batch["target_image"], batch["target_parsing"])


def _evaluate(tmp_path, methods, pairs, identity=None):
    index = load_people(tmp_path, "test", CANVAS)
    return evaluator.evaluate_pairs(
        methods, index, pairs, plain_metrics(), 2, tmp_path / "out" / "scores", identity or {"step": 1}
    )


def test_truth_scores_full_and_copy_less(tmp_path):
    pairs = write_doll_house(tmp_path)
    scored = _evaluate(tmp_path, {"truth": _true_target, "copy": copied_source}, pairs)
    assert list(scored.pairs) == pairs
    means = scored.summarize_subsets({"first": [True] + [False] * 4, "none": [False] * 5})
    assert list(means) == ["all", "first"]
    truth, copy = means["all"]["truth"], means["all"]["copy"]
    assert truth["mask_ssim"] == pytest.approx(1) and truth["parsing_miou"] == 1 and truth["l1"] == 0
    assert copy["mask_ssim"] < 0.98 and copy["parsing_miou"] == pytest.approx(
        (37 / 40 + 5344 / 5404) / 2, abs=1e-9
    )
    assert means["first"]["copy"]["pairs"] == 1
    assert means["first"]["copy"]["ssim"] == scored.scalars("copy")["ssim"][0]


def test_an_interrupted_evaluation_carries_on(tmp_path):
    pairs = write_doll_house(tmp_path)
    whole = _evaluate(tmp_path, {"copy": copied_source}, pairs)
    shutil.rmtree(tmp_path / "out" / "scores")
    calls = []

    def interrupted(batch):
        if len(calls) == 1:
            raise KeyboardInterrupt
        calls.append(batch)
        return copied_source(batch)

    with pytest.raises(KeyboardInterrupt):
        _evaluate(tmp_path, {"copy": interrupted}, pairs)
    later = []

    def counted(batch):
        later.extend(batch["source_name"].numpy().tolist())
        return copied_source(batch)

    again = _evaluate(tmp_path, {"copy": counted}, pairs)
    for name, values in whole.scalars("copy").items():
        np.testing.assert_array_equal(again.scalars("copy")[name], values)
    assert again.summarize("copy") == whole.summarize("copy")
    assert later == [source.encode() for source, _ in pairs[2:]]
    later.clear()
    _evaluate(tmp_path, {"copy": counted}, pairs, {"step": 2})  # other weights: nothing carries over
    assert len(later) == 5


def test_fingerprint_sees_every_byte(tmp_path):
    pairs = write_doll_house(tmp_path)
    index = load_people(tmp_path, "test", CANVAS)
    before = evaluator.fingerprint(index, pairs)
    assert evaluator.fingerprint(index, pairs) == before
    assert evaluator.fingerprint(index, pairs[:3]) != before
    image = tmp_path / "test" / pairs[0][1]
    image.write_bytes(image.read_bytes() + b"\0")
    assert evaluator.fingerprint(index, pairs) != before


def test_sheets_show_the_chosen_pairs(tmp_path):
    pairs = write_doll_house(tmp_path)
    index = load_people(tmp_path, "test", CANVAS)
    scored = _evaluate(tmp_path, {"copy": copied_source}, pairs)
    chosen = sheets.choose_pairs(scored, "copy", 2)
    quality = scored.scalars("copy")["mask_ssim"]
    assert chosen["best"][0] == int(np.argmax(quality)) and chosen["worst"][0] == int(np.argmin(quality))
    assert len(set(chosen["random"])) == 2
    calls = []

    def counted(batch):
        calls.extend(batch["target_name"].numpy().tolist())
        return copied_source(batch)

    pictures = sheets.draw_pairs(index, scored, chosen, counted, warped_source)
    drawn = sheets.lay_out(pictures, scored, chosen, "copy")
    assert len(calls) == len(set(calls)) == len({place for places in chosen.values() for place in places})
    sheet = drawn["best"]
    assert sheet.shape[1] == 4 + 6 * 68
    top = 24 + 4
    np.testing.assert_array_equal(
        sheet[top : top + 96, 4 + 5 * 68 : 68 * 6],
        index.image(index.positions[scored.pairs[chosen["best"][0]][0]]),
    )
