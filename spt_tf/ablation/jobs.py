"""The work of an ablation: a list of jobs, each done or not by what lies on disk."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from typing import NamedTuple

from spt_tf.ablation import work
from spt_tf.ablation.plan import AblationPlan
from spt_tf.ablation.variants import VARIANTS, variant_experiment, with_options
from spt_tf.config import ExperimentConfig, RunConfig

SHARED = "shared"
LOG_EVERY, CHECKPOINT_EVERY, PANEL_EVERY = 50, 100, 500


class Job(NamedTuple):
    """name: for people. kind: jobs of one kind take alike long. call: what to do, picklable.

    result: the file that shows that it is done, if it is not older than those of newer_than.
    """

    name: str
    kind: str
    call: Callable[[], None]
    result: str
    newer_than: tuple[str, ...] = ()

    def is_done(self) -> bool:
        """Whether there is nothing to do."""
        if not os.path.exists(self.result):
            return False
        made = os.path.getmtime(self.result)
        return all(os.path.exists(path) and os.path.getmtime(path) <= made for path in self.newer_than)


def list_jobs(plan: AblationPlan) -> Iterator[Job]:
    """All jobs in order: the parser that judges, then seed by seed; the picture is of the first."""
    yield Job("image parser", "image parser", functools.partial(work.train_parser, plan), plan.parser_facts)
    for seed in range(plan.seeds):
        yield from _shared_jobs(plan, seed)
        listed = set()
        for variant in plan.variants:
            training = _training_job(plan, seed, VARIANTS[variant].trained_as or variant)
            if training.result not in listed:
                yield training
            listed.add(training.result)
            call = functools.partial(work.evaluate, plan, seed, variant)
            metrics, needs = plan.metrics_path(seed, variant), (training.result, plan.parser_facts)
            yield Job(f"seed {seed}, evaluating {variant}", "evaluating", call, metrics, needs)
        if seed == 0:
            scored = tuple(plan.metrics_path(0, variant) for variant in plan.variants)
            call = functools.partial(work.draw_picture, plan)
            yield Job("picture", "picture", call, plan.path("picture.png"), scored)


def _shared_jobs(plan: AblationPlan, seed: int) -> Iterator[Job]:
    """P and H_S, trained once a seed for all variants that have them."""
    experiment = with_options(plan.experiment, {"seed": seed})
    changes = [VARIANTS[name].changes for name in plan.variants if VARIANTS[name].shares]
    if changes:
        yield _stage_job(plan, seed, SHARED, "pose_detector", experiment)
    if any(one.get("semantics", True) for one in changes):
        yield _stage_job(plan, seed, SHARED, "semantic", experiment)


def _training_job(plan: AblationPlan, seed: int, name: str) -> Job:
    experiment = variant_experiment(plan.experiment, name, seed, plan.paired_data_dir)
    variant = VARIANTS[name]
    start_from = plan.run_dir(seed, SHARED) if variant.shares else ""
    last = "end_to_end" if variant.end_to_end else "appearance"
    stages = last if variant.shares and not variant.end_to_end else "all"
    return _stage_job(plan, seed, name, last, experiment, stages, start_from)


def _stage_job(
    plan: AblationPlan,
    seed: int,
    name: str,
    last: str,
    experiment: ExperimentConfig,
    stages: str = "",
    start_from: str = "",
) -> Job:
    """Trains up to the stage `last`; stages: what to ask of `--stage`, by default that one alone."""
    run = RunConfig(
        run_dir=plan.run_dir(seed, name),
        stage=stages or last,
        start_from=start_from,
        checkpoint_every=CHECKPOINT_EVERY,
        keep_checkpoints=1,
        log_every=LOG_EVERY,
        panel_every=PANEL_EVERY,
    )
    kind = f"training {name} {last}" if name == SHARED else f"training {name}"
    finished = run.path("checkpoints", last, "finished")
    return Job(f"seed {seed}, {kind}", kind, functools.partial(work.train, experiment, run), finished)
