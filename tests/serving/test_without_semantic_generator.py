"""Models without H_S, such as the authors' converted weights: called and scored on given target parsings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from spt_tf.serving.client import PoseTransferClient
from spt_tf.serving.embedded.batching import BatchingOptions
from spt_tf.serving.embedded.server import EmbeddedServer, ServerOptions
from spt_tf.serving.embedded.version_policy import single_model
from spt_tf.serving.local_model import LocalModel, scoring_signature
from spt_tf.serving.people_files import PeopleFiles
from spt_tf.serving.scoring import score_pairs
from spt_tf.serving.signature_choice import MissingSignature, choose_signature
from spt_tf.serving.transfer_from_files import Transfer, transfer_from_files
from tests.serving.direct import drawn
from tests.serving.people_on_disk import pair_inputs, write_people
from tests.serving.stand_in import CANVAS, random_inputs

ROOT = Path(__file__).resolve().parents[2]
SAYS = r"no signature 'transfer_pose', only .* without a semantic generator.* --target_parsing_dir"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_people(tmp_path_factory.mktemp("data"), 3)


@pytest.fixture(scope="module")
def address(parsing_free_base_path):
    options = ServerOptions(port=0, batching=BatchingOptions(max_batch_size=4))
    server = EmbeddedServer(single_model("spt", str(parsing_free_base_path)), options)
    yield f"localhost:{server.port}"
    server.stop(grace=5)


def expected(files, source, target) -> np.ndarray:
    """The source drawn on the target's own parsing."""
    return drawn(pair_inputs(files, source, target), files.inputs[target][1][None])[0]


def test_the_choice_of_a_signature():
    everything = ["transfer_pose", "generate_from_parsing"]
    assert choose_signature("m", everything, has_target_parsing=False) == "transfer_pose"
    assert choose_signature("m", everything, has_target_parsing=True) == "generate_from_parsing"
    with pytest.raises(
        MissingSignature, match=r"^m has no signature 'generate_from_parsing', only classify$"
    ):
        choose_signature("m", ["classify"], has_target_parsing=True)


def test_a_local_model_says_what_is_missing_before_it_loads(parsing_free_base_path):
    with pytest.raises(MissingSignature, match=SAYS):
        scoring_signature(parsing_free_base_path / "1", has_target_parsing=False)
    with pytest.raises(MissingSignature, match=SAYS):
        LocalModel(parsing_free_base_path / "1")


def test_scores_on_target_parsings(parsing_free_base_path, files, tmp_path):
    people = PeopleFiles(files.paths(target_parsing_dir=files.root / "parsing"))
    model = LocalModel(parsing_free_base_path / "1", has_target_parsing=True)
    assert score_pairs(model, people, files.root / "pairs.csv", tmp_path, 2) == (3, 0, 3, 0)
    with Image.open(tmp_path / "p02___p00.png") as picture:
        np.testing.assert_array_equal(picture, expected(files, "p02.png", "p00.png"))
    assert not (tmp_path / "parsing").exists()


def test_batch_score_writes_nothing_where_a_signature_is_missing(parsing_free_base_path, files, tmp_path):
    command = [sys.executable, str(ROOT / "export" / "batch_score.py"), *files.flags()]
    command += [f"--saved_model={parsing_free_base_path}/1", f"--pairs={files.root}/pairs.csv"]
    done = subprocess.run([*command, f"--output_dir={tmp_path}/out"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "batch_score failed" in done.stderr.splitlines()[-1]
    assert "--target_parsing_dir" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "out").exists()


def test_client_lists_signatures_and_knows_the_canvas(address):
    with PoseTransferClient(address) as client:
        assert client.signatures() == ["generate_from_parsing", "serving_default", "transfer_texture"]
        assert client.canvas() == CANVAS
        inputs = random_inputs(2)
        image = client.generate_from_parsing(target_parsing=inputs["source_parsing"], **inputs)
        np.testing.assert_array_equal(image, drawn(inputs, inputs["source_parsing"]))


def test_files_are_transferred_on_target_parsings(address, files, tmp_path):
    people = PeopleFiles(files.paths())
    with_parsings = PeopleFiles(files.paths(target_parsing_dir=files.root / "parsing"))
    transfer = Transfer("p00.png", ["p01.png", "p02.png"])
    with PoseTransferClient(address) as client:
        with pytest.raises(MissingSignature, match="^model 'spt' has " + SAYS):
            transfer_from_files(client, people, transfer, tmp_path / "out")
        assert not (tmp_path / "out").exists()
        transfer_from_files(client, with_parsings, transfer, tmp_path / "out")
    for target in ("p01", "p02"):
        with Image.open(tmp_path / "out" / f"p00___{target}.png") as picture:
            np.testing.assert_array_equal(picture, expected(files, "p00.png", f"{target}.png"))
