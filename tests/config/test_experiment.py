"""The experiment: its JSON round trip, its ranges, what contradicts what."""

from __future__ import annotations

import dataclasses
import json

import pytest

from spt_tf.config import ConfigError, DataConfig, ExperimentConfig, LossConfig, RunConfig
from tests.tiny import tiny_experiment


def test_an_experiment_survives_the_round_trip_through_json():
    experiment = tiny_experiment(lambda_sty=3.5, adversarial="log")
    assert ExperimentConfig.from_json(experiment.to_json()) == experiment


def test_an_unknown_option_in_a_file_is_named():
    text = json.loads(ExperimentConfig().to_json())
    text["loss"]["lambda_shoe"] = 1
    with pytest.raises(ConfigError, match=r"loss\.lambda_shoe"):
        ExperimentConfig.from_json(json.dumps(text))


@pytest.mark.parametrize(
    ("group", "option", "value", "expected"),
    [
        ("data", "flip", "no", "--flip=no: expected true or false"),
        ("data", "flip", 1, "--flip=1: expected true or false"),
        ("data", "height", "128", "--height=128: expected a whole number"),
        ("data", "height", 128.0, "--height=128.0: expected a whole number"),
        ("data", "height", True, "--height=True: expected a whole number"),
        ("data", "data_dir", None, "--data_dir=None: expected text"),
        ("loss", "lambda_sty", [1], "--lambda_sty=.*: expected a finite number"),
        ("loss", "lambda_sty", float("nan"), "--lambda_sty=nan: expected a finite number"),
        ("loss", "lambda_sty", float("inf"), "--lambda_sty=inf: expected a finite number"),
        ("loss", "lambda_sty", False, "--lambda_sty=False: expected a finite number"),
        ("loss", "style", ["mask"], "--style=.*: expected text"),
    ],
)
def test_a_value_of_another_type_in_a_file_is_named(group, option, value, expected):
    text = json.loads(ExperimentConfig().to_json())
    text[group][option] = value
    with pytest.raises(ConfigError, match=expected):
        ExperimentConfig.from_json(json.dumps(text))


def test_a_whole_number_will_do_for_a_float():
    text = json.loads(ExperimentConfig().to_json())
    text["loss"]["lambda_sty"] = 1
    assert ExperimentConfig.from_json(json.dumps(text)) == ExperimentConfig()


def test_a_file_of_an_older_version_lacks_options_and_no_group():
    text = json.loads(ExperimentConfig().to_json())
    del text["loss"]["match_style_areas"]
    assert ExperimentConfig.from_json(json.dumps(text)) == ExperimentConfig()
    del text["loss"]
    with pytest.raises(ConfigError, match=r"expected the groups .* found data, network, optimizer"):
        ExperimentConfig.from_json(json.dumps(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a configuration in JSON"),
        ("[" * 100_000, "not a configuration in JSON"),
        ("[]", "expected the groups data, .* found list"),
        ("{}", "expected the groups data"),
        (json.dumps({**json.loads(ExperimentConfig().to_json()), "lossy": {}}), "found .*lossy"),
        (json.dumps({**json.loads(ExperimentConfig().to_json()), "loss": 3}), "loss: expected options"),
    ],
)
def test_what_is_no_configuration_is_said(text, message):
    with pytest.raises(ConfigError, match=message):
        ExperimentConfig.from_json(text)


@pytest.mark.parametrize(
    ("group", "option", "value", "expected"),
    [
        (DataConfig, "seed", 2**32, "at most 4294967295"),
        (DataConfig, "height", 2**40, "at most 2147483647"),
        (DataConfig, "height", 16, "at least 32"),
        (LossConfig, "lambda_ce", -1, "at least 0"),
        (LossConfig, "adversarial", "wasserstein", "least_squares, log"),
    ],
)
def test_a_value_out_of_range_is_named_with_what_was_expected(group, option, value, expected):
    with pytest.raises(ConfigError, match=f"--{option}={value}: expected .*{expected}"):
        group(**{option: value})


def test_a_canvas_the_networks_cannot_halve_is_refused():
    with pytest.raises(ConfigError, match=r"--width=48.*multiple of 32.*--generator_levels=6"):
        ExperimentConfig(data=DataConfig(width=48))


def test_only_random_vgg_filters_can_be_fewer():
    with pytest.raises(ConfigError, match=r"--vgg_width=0\.5"):
        ExperimentConfig(loss=LossConfig(vgg_width=0.5, vgg_weights="imagenet"))


def test_a_run_needs_a_directory():
    with pytest.raises(ConfigError, match="--run_dir"):
        RunConfig()


def test_every_option_says_what_it_is():
    for group in (*dataclasses.fields(ExperimentConfig), None):
        for field in dataclasses.fields(RunConfig if group is None else type(group.default)):
            assert field.metadata["help"].endswith("."), field.name


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (dict(semantics=False), "--style=semantic: expected mask or patch"),
        (dict(paired=True, local_enhancer=True, height=64, width=64), "--paired: .* no --local_enhancer"),
        (dict(semantics=False, style="mask", local_enhancer=True, height=64, width=64), "--local_enhancer"),
        (dict(semantics=False, style="mask", keep_background=True), "--keep_background"),
        (dict(semantics=False, style="mask", paste_background=True), "--paste_background"),
        (dict(semantics=False, style="mask", fill_background=True), "--fill_background"),
        (dict(semantics=False, style="mask", lambda_self=1.0), "--lambda_self"),
    ],
)
def test_comparators_that_contradict_themselves_are_refused(changes, message):
    with pytest.raises(ConfigError, match=message):
        tiny_experiment(**changes)


def test_a_run_without_semantics_has_no_semantic_stages():
    assert tiny_experiment(semantics=False, style="patch").stages == ("pose_detector", "appearance")
    assert tiny_experiment(semantics=False, paired=True).stages == ("appearance",)
    assert tiny_experiment(paired=True).stages == ("semantic", "appearance")
    assert tiny_experiment(paired=True).starts_from("appearance") == ("semantic",)
