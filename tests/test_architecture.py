"""Who may import whom, held against the tree; and that the check sees what it is there for."""

from __future__ import annotations

import pathlib

import pytest

from tests import import_rules

ROOT = pathlib.Path(__file__).resolve().parents[1]

NOUNS = {"anatomy", "people"}
MATHS = {*NOUNS, "geometry"}
NETWORKS = {*MATHS, "layers", "networks", "config"}
READERS = {*MATHS, "data", "config", "visualize"}
MODELS = {*NETWORKS, "losses", "models"}
TRAINING = {*MODELS, *READERS, "pseudo_labels", "training", "flags"}

# A room may import what stands in its row, and itself. None: every room; those only call.
MAY_IMPORT = {
    "anatomy": set(),
    "people": {"anatomy"},
    "config": set(),
    "curves": {"config", "data"},
    "flags": {"config"},
    "visualize": {*NOUNS, "data"},
    "geometry": NOUNS,
    "layers": MATHS,
    "losses": MATHS,
    "networks": NETWORKS,
    "data": {*MATHS, "config"},
    "paper_dolls": READERS,
    "pseudo_labels": READERS,
    "models": MODELS,
    "training": TRAINING,
    "inference": {*MODELS, "data", "training"},
    "evaluation": {
        *MODELS,
        *READERS,
        "pseudo_labels",
        "inference",
        "curves",
        "perception",
        "applications",
        "paper_dolls",
    },
    "applications": {*READERS, "inference", "models"},
    "perception": {*TRAINING, "paper_dolls", "inference"},
    "ablation": {*TRAINING, "inference", "evaluation", "perception"},
    "serving": {*MATHS, "data", "models", "inference", "applications", "perception"},
    "studio": {*NOUNS, "data", "applications", "inference", "perception", "serving"},
    "conversion": {*TRAINING, "inference"},
    "commands": None,
}
ONLY_IN = {
    "tensorflow_addons": ("spt_tf.layers.normalization",),
    # The benches send its messages as no client of ours would.
    "tensorflow_serving": ("spt_tf.serving", "scripts.bench"),
    "apache_beam": ("spt_tf.serving.beam",),
    "starlette": ("spt_tf.studio",),
}
ISLANDS = ("spt_tf.serving.embedded",)


def test_every_room_imports_what_it_may():
    assert not import_rules.breaks_of_rooms(ROOT, MAY_IMPORT)


def test_each_foreign_package_has_one_owner():
    assert not import_rules.breaks_of_packages(ROOT, ONLY_IN)


def test_the_embedded_server_stands_by_itself():
    assert not import_rules.breaks_of_islands(ROOT, ISLANDS)


def test_nothing_imports_in_a_circle():
    assert not import_rules.cycles(ROOT)


def test_nothing_pushes_onto_the_path():
    assert not import_rules.pushes_onto_the_path(ROOT)


@pytest.fixture
def tree(tmp_path):
    """Writes modules by their dotted names; a name that ends in `__init__` is a package."""

    def write(**sources: str) -> pathlib.Path:
        for name, source in sources.items():
            path = tmp_path / f"{name.replace('.', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source)
        return tmp_path

    return write


ROWS = {"low": set(), "high": {"low"}}


@pytest.mark.parametrize(
    "source",
    [
        "import spt_tf.high.b",
        "from spt_tf.high import b",
        "from spt_tf.high.b import thing",
        "from ..high.b import thing",
        "def late():\n    from spt_tf.high import b",
        "if TYPE_CHECKING:\n    from spt_tf.high.b import thing",
    ],
)
def test_every_way_to_import_upward_is_seen(tree, source):
    root = tree(**{"spt_tf.low.a": source, "spt_tf.high.b": "from spt_tf.low import c", "spt_tf.low.c": ""})
    line = source.count("\n") + 1
    assert import_rules.breaks_of_rooms(root, ROWS) == [f"spt_tf.low.a:{line}: low imports spt_tf.high.b"]


def test_a_room_needs_a_rule_and_the_library_none_of_its_scripts(tree):
    root = tree(
        **{"spt_tf.new.a": "", "spt_tf.low.a": "import scripts.b", "scripts.b": "import spt_tf.new.a"}
    )
    assert import_rules.breaks_of_rooms(root, ROWS) == [
        "spt_tf.new.a: no rule says what new may import",
        "spt_tf.low.a:1: the library imports scripts.b",
    ]


def test_a_package_is_imported_by_its_owner_alone(tree):
    root = tree(**{"spt_tf.a": "import foreign.part", "spt_tf.ab": "from foreign import x", "spt_tf.c": ""})
    breaks = import_rules.breaks_of_packages(root, {"foreign": ["spt_tf.a"]})
    assert breaks == ["spt_tf.ab:1: only spt_tf.a may import foreign"]


def test_an_island_imports_itself_alone(tree):
    root = tree(
        **{"spt_tf.x.isle.a": "from spt_tf.x.isle import b\nfrom spt_tf.x import c\nimport numpy"},
        **{"spt_tf.x.isle.b": "", "spt_tf.x.c": ""},
    )
    breaks = import_rules.breaks_of_islands(root, ["spt_tf.x.isle"])
    assert breaks == ["spt_tf.x.isle.a:2: spt_tf.x.isle imports spt_tf.x.c"]


@pytest.mark.parametrize("how", ["from spt_tf import a", "if TYPE_CHECKING:\n    import spt_tf.a"])
def test_a_circle_is_seen(tree, how):
    root = tree(**{"spt_tf.a": "from spt_tf.b import x", "spt_tf.b": "import spt_tf.c", "spt_tf.c": how})
    assert import_rules.cycles(root) == ["spt_tf.a -> spt_tf.b -> spt_tf.c -> spt_tf.a"]
    assert not import_rules.cycles(tree(**{"spt_tf.c": ""}))


@pytest.mark.parametrize("push", ["sys.path.insert(0, '.')", "sys.path.append('.')", "sys.path += ['.']"])
def test_a_push_onto_the_path_is_seen(tree, push):
    assert import_rules.pushes_onto_the_path(tree(**{"scripts.a": f"import sys\n{push}"})) == [
        "scripts.a:2: sys.path"
    ]
