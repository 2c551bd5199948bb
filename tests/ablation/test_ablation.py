"""The ablation from end to end, tiny, and what it does when it is stopped, resumed, or asked for nonsense."""

from __future__ import annotations

import csv
import os
import pathlib
import shutil

import pytest
import tensorflow as tf

from spt_tf.ablation import jobs, runner
from spt_tf.ablation.plan import AblationPlan
from spt_tf.ablation.processes import JobFailed, JobStopped
from spt_tf.ablation.results import METRICS, SUBSETS, UNTRAINED, write_results
from spt_tf.ablation.runner import run_ablation
from spt_tf.ablation.variants import CHANGES, OURS, PAPERS, VARIANTS, variant_experiment
from spt_tf.config import ConfigError
from spt_tf.data.annotations import read_annotations, write_pairs
from spt_tf.data.file_reading import UnreadableFile
from spt_tf.paper_dolls.dataset import DatasetPlan, write_dataset
from spt_tf.training.changes import find_changes
from tests.tiny import CANVAS, tiny_experiment

pytestmark = pytest.mark.slow

TRAININGS = 2 + len(PAPERS) - 1  # what is shared; TS-GT trains nothing
STEPS = ("pose_detector_steps", "semantic_steps", "appearance_steps", "end_to_end_steps")


def counting(calls: list):
    """An execute in this process that tells what ran; eager, since tracing would take most of the time."""

    def execute(call, log_path, deadline):
        calls.append(pathlib.Path(log_path).stem)
        tf.config.run_functions_eagerly(True)
        try:
            call()
        finally:
            tf.config.run_functions_eagerly(False)

    return execute


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> AblationPlan:
    folder = tmp_path_factory.mktemp("ablation")
    dolls = DatasetPlan(CANVAS, seed=3, num_train=6, num_test_pairs=4)
    write_dataset(folder / "dolls", dolls)
    write_dataset(folder / "pairs", dolls._replace(num_test_pairs=0, train_pairs=True))
    names = list(read_annotations(folder / "dolls" / "market-annotation-train.csv"))
    write_pairs(folder / "pseudo_labels.csv", zip(names, names[::-1]))  # the search does not run eagerly
    experiment = tiny_experiment(
        str(folder / "dolls"),
        pseudo_labels=str(folder / "pseudo_labels.csv"),
        generator_levels=2,
        vgg_width=0.1,
        **dict.fromkeys(STEPS, 1),
    )
    return AblationPlan(experiment, str(folder / "pairs"), str(folder / "out"), seeds=1, parser_steps=2)


@pytest.mark.filterwarnings("ignore:Even though the `tf.config.experimental_run_functions_eagerly`")
def test_all_variants_run_to_one_table_and_resume(plan):
    calls, told = [], []
    table = run_ablation(plan, execute=counting(calls), tell=told.append)
    assert len(calls) == len(told) == 1 + TRAININGS + len(PAPERS) + 1
    assert told[0].startswith(f"[1/{len(calls)}] image parser") and "about" in told[-1]
    for title in (*UNTRAINED.values(), *(variant.title for variant in PAPERS.values())):
        assert table.count(f"| {title} |") == len(SUBSETS)
    with open(plan.path("scores.csv"), encoding="utf8") as file:
        rows = {(row["variant"], row["subset"]): row for row in csv.DictReader(file)}
    assert len(rows) == (len(PAPERS) + len(UNTRAINED)) * len(SUBSETS)
    without = {name for name, subset in rows if subset == "all" and not rows[name, subset]["parsing_miou"]}
    assert without == {"baseline", "upis", "supervised"}
    assert all(row[metric] for row in rows.values() for metric in set(METRICS) - {"parsing_miou"})
    assert float(rows["ts_gt", "all"]["parsing_miou"]) == 1.0
    assert rows["ts_gt", "all"]["ssim"] != rows["ts_pred", "all"]["ssim"]
    assert os.path.getsize(plan.path("picture.png")) > 1000

    os.remove(plan.metrics_path(0, "upis"))
    shutil.rmtree(pathlib.Path(plan.run_dir(0, "supervised"), "checkpoints"))
    calls.clear()
    assert run_ablation(plan, execute=counting(calls), tell=told.append) == table
    assert calls == [
        *("seed_0-evaluating_upis", "seed_0-training_supervised", "seed_0-evaluating_supervised"),
        "picture",
    ]


def test_a_stop_ends_it_and_the_rest_is_done_later(plan, tmp_path):
    plan = plan._replace(output_dir=str(tmp_path / "out"), variants=("ts_pred",))

    def stop(call, log_path, deadline):
        raise JobStopped

    with pytest.raises(JobStopped):
        run_ablation(plan, execute=stop, tell=lambda line: None)
    with pytest.raises(JobFailed, match="image parser left no"):
        run_ablation(plan, execute=lambda call, log_path, deadline: None, tell=lambda line: None)


def test_variants_take_the_same_number_of_steps_on_images(plan):
    backgrounds = dict.fromkeys(("keep_background", "paste_background", "fill_background"), True)
    needs_parsing = dict(**backgrounds, lambda_self=1.0)
    base = tiny_experiment(appearance_steps=7, end_to_end_steps=2, **needs_parsing)
    for name, variant in VARIANTS.items():
        experiment = variant_experiment(base, name, 1, "pairs")
        steps = experiment.optimizer.appearance_steps
        assert steps + (experiment.optimizer.end_to_end_steps if variant.end_to_end else 0) == 9
        assert experiment.data.seed == 1
        assert experiment.data.data_dir == ("pairs" if name.startswith("supervised") else "nowhere")


def test_each_change_alone_is_one_of_ours_added_to_the_papers_form():
    # --filter_brightness alone may be the paper's value: improved.flags leaves it at its default
    ours = {
        **dict(upsampling="filtered", filter_pictures=True, centred_warps=True, keep_background=True),
        **dict(paste_background=True, fill_background=True, bounded_torso=True, lambda_self=20.0),
        **dict(self_pairs="both", lambda_pixel=5.0, lambda_return=10.0, lambda_mirror=10.0),
        **dict(pseudo_label_per_pixel=True, pseudo_label_top_k=4, match_style_areas=True),
    }
    whole, papers = tiny_experiment(**ours), tiny_experiment()
    assert find_changes(papers, variant_experiment(whole, "paper", 0, "")) == {}
    for name in set(CHANGES) - {"paper"}:
        alone = find_changes(papers, variant_experiment(whole, name, 0, ""))
        assert alone and set(alone) <= set(OURS[name.removeprefix("only_")]), name
        assert all(new == ours[option] for option, (_, new) in alone.items()), name
    assert set(ours) <= {option for options in OURS.values() for option in options}


def test_every_option_of_improved_flags_is_among_the_changes():
    text = (pathlib.Path(__file__).resolve().parents[2] / "improved.flags").read_text(encoding="utf8")
    given = {line[2:].split("=")[0] for line in text.splitlines() if line.startswith("--")}
    assert given <= {option for options in OURS.values() for option in options}


def test_a_change_alone_is_trained_from_its_first_stage(plan):
    listed = list(jobs.list_jobs(plan._replace(variants=("only_centred", "e2e"))))
    assert [job.name for job in listed if "training" in job.name] == [
        *("seed 0, training shared pose_detector", "seed 0, training shared semantic"),
        *("seed 0, training only_centred", "seed 0, training e2e"),
    ]
    runs = {job.kind.split()[1]: job.call.args[1] for job in listed if job.kind.startswith("training ")}
    assert (runs["only_centred"].stage, runs["only_centred"].start_from) == ("all", "")
    assert runs["e2e"].start_from == plan.run_dir(0, "shared")
    listed = [job.name for job in jobs.list_jobs(plan._replace(variants=("paper",)))]
    assert not any("shared" in name for name in listed)


def test_only_what_is_asked_for_is_trained(plan):
    listed = [job.name for job in jobs.list_jobs(plan._replace(variants=("ts_gt", "supervised"), seeds=2))]
    assert [name for name in listed if name.startswith("seed 1")] == [
        "seed 1, training shared pose_detector",
        "seed 1, training shared semantic",
        "seed 1, training ts_pred",
        "seed 1, evaluating ts_gt",
        "seed 1, training supervised",
        "seed 1, evaluating supervised",
    ]
    listed = [job.name for job in jobs.list_jobs(plan._replace(variants=("upis",)))]
    assert "seed 0, training shared semantic" not in listed
    listed = [job.name for job in jobs.list_jobs(plan._replace(variants=("supervised",)))]
    assert not any("shared" in name for name in listed)


def test_plans_that_cannot_be_carried_out_are_refused(plan, tmp_path):
    with pytest.raises(ConfigError, match="--variants=tsgt: expected some of baseline"):
        plan._replace(variants=("e2e", "tsgt")).check()
    with pytest.raises(ConfigError, match=r"market-pairs-train\.csv; draw it by"):
        plan._replace(paired_data_dir=plan.experiment.data.data_dir).check()
    with pytest.raises(ConfigError, match="starts from the whole method"):
        plan._replace(experiment=tiny_experiment(semantics=False, style="mask")).check()
    other = plan._replace(output_dir=str(tmp_path))
    other.claim()
    other._replace(seeds=5, variants=("e2e",)).claim()
    with pytest.raises(ConfigError, match="holds another ablation"):
        other._replace(limit=3).claim()


def test_damaged_files_are_named_and_a_damaged_estimate_is_passed_over(plan, tmp_path):
    other = plan._replace(output_dir=str(tmp_path))
    (tmp_path / "ablation.json").write_text("[")
    with pytest.raises(UnreadableFile, match=r"ablation\.json"):
        other.claim()
    path = pathlib.Path(other.metrics_path(0, "e2e"))
    path.parent.mkdir(parents=True)
    path.write_text('{"means": {"all": []}}')
    with pytest.raises(UnreadableFile, match=r"metrics\.json"):
        write_results(other._replace(variants=("e2e",), seeds=1))
    (tmp_path / "durations.jsonl").write_text('["train", 3]\n["tra["train", 5]\n7\n["train", 5]\n')
    assert runner._Durations(str(tmp_path / "durations.jsonl"))._seconds == {"train": [3.0, 5.0]}
