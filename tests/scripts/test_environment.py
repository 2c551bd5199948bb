"""scripts/environment.sh and what stands on it, with stub Pythons on the PATH: nothing is installed."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ("bash", "cat", "chmod", "cmp", "cp", "dirname", "ls", "mkdir", "rm", "touch")

# Answers `-c CODE` as a Python of the given version would, makes venvs that hold itself, and writes
# every other call into calls.txt. FAIL_ON names a call that fails.
STUB = """#!/usr/bin/env bash
if [ "$1" = -c ]; then
    exec {python} -S -c '
import sys
sys.version_info = ({version}, 0)
sys.modules.update(dict.fromkeys("{missing}".split()))
exec(sys.argv[1])' "$2"
fi
if [ "$1" = --version ]; then echo "Python {version}"; exit; fi
case "$*" in
    *"${{FAIL_ON:-no such call}}"*) failed=3 ;;
    "-m pip --version") exit ;;
    "-m venv --clear "*)
        mkdir -p "$4/bin"
        rm -f "$4"/.installed-*
        touch "$4/pyvenv.cfg"
        cp "$0" "$4/bin/python" ;;
esac
if [ -n "${{PYTHONWARNINGS:-}}" ]; then printf '(warnings: %s)' "$PYTHONWARNINGS" >>"{calls}"; fi
printf '[%s]' "$@" >>"{calls}"; echo >>"{calls}"
exit ${{failed:-0}}
"""
PYTEST = "[-m][pytest][-n][auto][--dist][loadfile][--no-loadscope-reorder]"
BROKEN_SHIM = "#!/usr/bin/env bash\necho 'pyenv: command not found' >&2\nexit 127\n"


class Machine:
    """A clone of the scripts, and a PATH that holds only what a test puts there."""

    def __init__(self, home: pathlib.Path):
        self.home = home
        self.clone = home / "clone"
        self.calls_file = home / "calls.txt"
        tools = home / "tools"
        tools.mkdir()
        for tool in TOOLS:
            (tools / tool).symlink_to(shutil.which(tool))
        self.path = [home / "bin", home / "more", tools]
        shutil.copytree(
            ROOT / "scripts", self.clone / "scripts", ignore=shutil.ignore_patterns("*.py", "bench")
        )
        (self.clone / "requirements.txt").write_text("tensorflow==2.15.1\n")
        (self.clone / "requirements-dev.txt").write_text("-r requirements.txt\npytest==9.2.0\n")
        (self.clone / "pyproject.toml").write_text('[project]\nname = "spt-tf"\n')

    def write(self, relative: str, text: str) -> pathlib.Path:
        path = self.home / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path

    def add_python(self, relative: str, version: str, missing: str = "") -> pathlib.Path:
        """A stub Python of `version`, "3, 11", without the modules that `missing` names."""
        text = STUB.format(python=sys.executable, version=version, missing=missing, calls=self.calls_file)
        return self.write(relative, text)

    def run(self, command: str, **environment: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            ["bash", "-c", command],
            cwd=self.clone,
            env={
                "PATH": os.pathsep.join(map(str, self.path)),
                "HOME": str(self.home),
                "PYENV_ROOT": str(self.home / "pyenv"),
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=600,  # for a hang, not for a slow machine
        )

    def find_python(self) -> subprocess.CompletedProcess:
        return self.run("source scripts/environment.sh && find_python")

    def set_up(self, kind: str = "runtime", **environment: str) -> subprocess.CompletedProcess:
        return self.run(f"source scripts/environment.sh && set_up_environment {kind}", **environment)

    def calls(self) -> list[str]:
        """What the stubs were asked to do since the last time."""
        text = self.calls_file.read_text() if self.calls_file.exists() else ""
        self.calls_file.unlink(missing_ok=True)
        return text.splitlines()

    def installed(self) -> list[str]:
        """The requirement files that pip installed since the last time."""
        return [call.rpartition("[-r]")[2].strip("[]") for call in self.calls() if "[-r]" in call]


@pytest.fixture
def machine(tmp_path: pathlib.Path) -> Machine:
    return Machine(tmp_path)


def test_a_fitting_python3_is_preferred(machine):
    python3 = machine.add_python("bin/python3", "3, 9")
    machine.add_python("bin/python3.11", "3, 11")
    assert machine.find_python().stdout.strip() == str(python3)


@pytest.mark.parametrize("version", ["3, 12", "3, 8", "2, 7"])
def test_other_pythons_are_passed_over(machine, version):
    machine.add_python("bin/python3", version)
    python310 = machine.add_python("bin/python3.10", "3, 10")
    assert machine.find_python().stdout.strip() == str(python310)


def test_a_shim_that_fails_is_passed_over(machine):
    machine.write("bin/python3.11", BROKEN_SHIM)
    machine.write("bin/python3.10", BROKEN_SHIM)
    python310 = machine.add_python("more/python3.10", "3, 10")
    assert machine.find_python().stdout.strip() == str(python310)


def test_a_python_that_pyenv_has_but_does_not_offer_is_found(machine):
    machine.write("bin/python3.10", BROKEN_SHIM)
    python310 = machine.add_python("pyenv/versions/3.10.13/bin/python3", "3, 10")
    assert machine.find_python().stdout.strip() == str(python310)


def test_without_a_fitting_python_it_says_which_and_how(machine):
    machine.add_python("bin/python3", "3, 13")
    result = machine.set_up()
    assert result.returncode != 0
    assert "3.9, 3.10 or 3.11" in result.stderr
    assert "pyenv install 3.11" in result.stderr
    assert machine.calls() == []


def test_a_python_without_venv_is_named_with_its_package(machine):
    machine.add_python("bin/python3", "3, 10", missing="ensurepip")
    result = machine.set_up()
    assert result.returncode != 0
    assert "apt install python3.10-venv" in result.stderr


def test_installs_once_and_again_when_the_requirements_change(machine):
    machine.add_python("bin/python3", "3, 11")
    assert machine.set_up().returncode == 0
    assert machine.installed() == ["requirements.txt"]
    assert machine.set_up().returncode == 0
    assert machine.calls() == []
    (machine.clone / "requirements.txt").write_text("tensorflow==2.15.0\n")
    assert machine.set_up().returncode == 0
    assert machine.installed() == ["requirements.txt"]


def test_development_holds_runtime_but_not_the_other_way(machine):
    machine.add_python("bin/python3", "3, 11")
    machine.set_up("runtime")
    machine.set_up("dev")
    assert machine.installed() == ["requirements.txt", "requirements-dev.txt"]
    machine.set_up("runtime")
    assert machine.installed() == []
    (machine.clone / "requirements.txt").write_text("tensorflow==2.15.0\n")
    machine.set_up("dev")
    assert machine.installed() == ["requirements-dev.txt"]


# Quietly: pip passes on what setuptools warns its developers of.
EDITABLE = (
    "(warnings: ignore)[-m][pip][install][--quiet][--disable-pip-version-check]"
    "[--no-deps][--no-build-isolation][-e][.]"
)


def test_the_project_is_installed_editable_after_its_requirements(machine):
    machine.add_python("bin/python3", "3, 11")
    assert machine.set_up().returncode == 0
    calls = machine.calls()
    assert "[-r][requirements.txt]" in calls[-2] and calls[-1] == EDITABLE
    (machine.clone / "pyproject.toml").write_text('[project]\nname = "spt-tf"\n[project.scripts]\n')
    assert machine.set_up().returncode == 0
    assert machine.calls()[-1] == EDITABLE


def test_a_failed_editable_installation_is_done_again(machine):
    machine.add_python("bin/python3", "3, 11")
    assert machine.set_up(FAIL_ON="-e .").returncode != 0
    machine.calls()
    assert machine.set_up().returncode == 0
    assert machine.calls()[-1] == EDITABLE


def test_an_environment_shared_by_two_clones_holds_the_one_that_asked_last(machine):
    machine.add_python("bin/python3", "3, 11")
    place = str(machine.home / "elsewhere")
    machine.set_up(SPT_VENV=place)
    machine.calls()
    first, machine.clone = machine.clone, machine.home / "second"
    shutil.copytree(first, machine.clone)
    assert machine.set_up(SPT_VENV=place).returncode == 0
    assert machine.calls()[-1] == EDITABLE


def test_an_interrupted_installation_is_done_again(machine):
    machine.add_python("bin/python3", "3, 11")
    machine.set_up("dev")
    (machine.clone / "requirements-dev.txt").write_text("-r requirements.txt\npytest==9.1.0\n")
    assert machine.set_up("dev", FAIL_ON="pip install").returncode != 0
    machine.calls()
    (machine.clone / "requirements-dev.txt").write_text("-r requirements.txt\npytest==9.2.0\n")
    assert machine.set_up("dev").returncode == 0
    assert machine.installed() == ["requirements-dev.txt"]


def test_an_environment_that_no_longer_runs_is_made_again(machine):
    machine.add_python("bin/python3", "3, 11")
    machine.set_up()
    machine.calls()
    (machine.clone / ".venv/bin/python").write_text(BROKEN_SHIM)
    assert machine.set_up().returncode == 0
    assert machine.calls()[0] == "[-m][venv][--clear][.venv]"


def test_an_environment_without_pip_gets_one(machine):
    machine.add_python("bin/python3", "3, 11")
    machine.write("clone/.venv/pyvenv.cfg", "made by uv")
    machine.add_python("clone/.venv/bin/python", "3, 11")
    assert machine.set_up(FAIL_ON="pip --version").returncode == 0
    calls = [call for call in machine.calls() if "--version" not in call]
    assert calls[0] == "[-m][ensurepip]"
    assert "[pip][install]" in calls[1]


def test_spt_venv_names_the_environment(machine):
    machine.add_python("bin/python3", "3, 11")
    place = machine.home / "elsewhere"
    assert machine.set_up(SPT_VENV=str(place)).returncode == 0
    assert (place / "bin/python").exists()
    assert not (machine.clone / ".venv").exists()


def test_a_directory_of_something_else_is_left_alone(machine):
    machine.add_python("bin/python3", "3, 11")
    kept = machine.write("clone/.venv/thesis.txt", "years of work")
    result = machine.set_up()
    assert result.returncode != 0
    assert "left alone" in result.stderr and "SPT_VENV" in result.stderr
    assert kept.exists() and machine.calls() == []


def test_an_environment_of_another_python_is_left_alone(machine):
    machine.add_python("bin/python3", "3, 11")
    machine.write("clone/.venv/pyvenv.cfg", "")
    machine.add_python("clone/.venv/bin/python", "3, 12")
    result = machine.set_up()
    assert result.returncode != 0
    assert "another Python" in result.stderr and "left alone" in result.stderr
    assert machine.calls() == []


def test_test_sh_checks_and_hands_its_arguments_to_pytest(machine):
    machine.add_python("bin/python3", "3, 11")
    result = machine.run(
        "cd scripts; bash test.sh tests/geometry -k 'warp or affine'", FAIL_ON="warp or affine"
    )
    assert result.returncode == 3  # pytest's own
    assert machine.calls()[3:] == [
        "[-m][ruff][format][--check][.]",
        "[-m][ruff][check][.]",
        "[-m][mypy]",
        PYTEST + "[tests/geometry][-k][warp or affine]",
    ]


def test_test_sh_fails_on_unformatted_code(machine):
    machine.add_python("bin/python3", "3, 11")
    assert machine.run("bash scripts/test.sh", FAIL_ON="ruff format").returncode != 0


def test_ci_runs_test_sh_from_any_directory(machine):
    machine.add_python("bin/python3", "3, 11")
    shutil.copytree(ROOT / ".ci", machine.clone / ".ci")
    result = machine.run("cd scripts && bash ../.ci/run")
    assert result.returncode == 0, result.stderr
    assert machine.calls()[-1] == PYTEST


def test_the_studio_opens_the_demo_s_model_and_makes_it_where_it_is_missing(machine):
    machine.add_python("bin/python3", "3, 11")
    machine.write(
        "clone/scripts/demo.sh",
        "echo made; mkdir -p runs/demo/generated; touch runs/demo/generated/sheet.png\n",
    )
    first = machine.run("cd scripts && bash studio.sh --port=0")
    assert first.returncode == 0, first.stderr
    assert "made" in first.stdout
    assert machine.calls()[-1] == "[scripts/studio.py][--run_dir=runs/demo][--port=0]"
    again = machine.run("bash scripts/studio.sh")
    assert "made" not in again.stdout
    assert machine.calls() == ["[scripts/studio.py][--run_dir=runs/demo]"]


def test_the_studio_opens_a_model_of_one_s_own(machine):
    machine.add_python("bin/python3", "3, 11")
    machine.run("bash scripts/studio.sh --server=localhost:8500")
    assert machine.calls()[-1] == "[scripts/studio.py][--server=localhost:8500]"
