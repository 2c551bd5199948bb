# Sourced by the other scripts, from the repository's root. Finds a Python that TensorFlow 2.15 runs on,
# makes or reuses a virtual environment (.venv, or $SPT_VENV), and installs into it the pinned requirements
# and this project, editable: the scripts and `spt-train` and its like import spt_tf from here.
#
#     source scripts/environment.sh
#     set_up_environment runtime    # or dev: the tests' tools too
#     "$PYTHON" scripts/train.py ...

SPT_VENV="${SPT_VENV:-.venv}"
PYTHON="$SPT_VENV/bin/python"

# Whether "$1" really is a Python 3.9, 3.10 or 3.11: a pyenv shim may exist and still refuse to run.
_python_fits() {
    "$1" -c 'import sys; sys.exit(not (3, 9) <= sys.version_info[:2] <= (3, 11))' >/dev/null 2>&1
}

# Debian ships Pythons that cannot make a virtual environment with pip in it.
_python_makes_venvs() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

# Every Python worth trying, one a line: the user's own `python3` first, then named ones, then pyenv's.
_python_candidates() {
    local name
    for name in python3 python3.11 python3.10 python3.9 python; do
        type -aP "$name" || true
    done
    for name in 11 10 9; do
        ls -d "${PYENV_ROOT:-${HOME:-}/.pyenv}/versions/3.$name".*/bin/python3 2>/dev/null || true
    done
}

# Prints a fitting Python's path; without one, says on stderr what is needed and fails.
find_python() {
    local candidate without_venv=""
    while IFS= read -r candidate; do
        _python_fits "$candidate" || continue
        if _python_makes_venvs "$candidate"; then
            echo "$candidate"
            return 0
        fi
        without_venv="$candidate"
    done < <(_python_candidates)

    {
        echo "SPT-TF needs Python 3.9, 3.10 or 3.11 (TensorFlow 2.15 runs on no other)."
        if [ -n "$without_venv" ]; then
            echo "$without_venv fits, but cannot make virtual environments. On Debian or Ubuntu:"
            echo "    apt install $("$without_venv" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
        else
            echo "None was found: neither on the PATH nor among pyenv's versions. One of these gets it:"
            echo "    apt install python3.11 python3.11-venv      # Debian 12; Ubuntu 22.04: python3.10, python3.10-venv"
            echo "    pyenv install 3.11 && pyenv local 3.11      # https://github.com/pyenv/pyenv"
            echo "    uv python install 3.11                      # https://docs.astral.sh/uv"
            echo "    conda create -n spt python=3.11 && conda activate spt"
        fi
        echo "Then run the same command again."
    } >&2
    return 1
}

# Makes $SPT_VENV, or keeps it where its Python runs and fits. Removes nothing that works or is not ours.
_make_venv() {
    if _python_fits "$PYTHON"; then
        # uv makes environments without pip, and so does an interrupted `python -m venv`.
        "$PYTHON" -m pip --version >/dev/null 2>&1 || "$PYTHON" -m ensurepip >/dev/null || return 1
        return 0
    fi
    local held=""
    if "$PYTHON" -c "" >/dev/null 2>&1; then
        held="an environment of another Python ($("$PYTHON" --version 2>&1))"
    elif [ ! -e "$SPT_VENV/pyvenv.cfg" ] && [ -n "$(ls -A "$SPT_VENV" 2>/dev/null)" ]; then
        held="something else than a virtual environment"
    fi
    if [ -n "$held" ]; then
        echo "$SPT_VENV holds $held, and is left alone." >&2
        echo "Move it away, or name another place: SPT_VENV=DIRECTORY" >&2
        return 1
    fi
    local python
    python="$(find_python)" || return 1
    echo "Making a virtual environment in $SPT_VENV with $python"
    "$python" -m venv --clear "$SPT_VENV"
}

# What an installation of kind "$1" is made from, and of which clone. A stamp in the environment holds a copy.
_wanted() {
    pwd
    cat pyproject.toml requirements.txt
    if [ "$1" = dev ]; then cat requirements-dev.txt; fi
}

# set_up_environment runtime|dev: leaves "$PYTHON" ready to run, installing only what changed.
set_up_environment() {
    local kind="$1" requirements="requirements.txt"
    if [ "$kind" = dev ]; then requirements="requirements-dev.txt"; fi
    _make_venv || return 1
    if _wanted "$kind" | cmp -s - "$SPT_VENV/.installed-$kind"; then
        return 0
    fi
    echo "Installing $requirements into $SPT_VENV (about 2 GB; minutes the first time)"
    # The stamps go first and come back last, so that an interrupted installation is done again.
    rm -f "$SPT_VENV/.installed-runtime" "$SPT_VENV/.installed-dev"
    "$PYTHON" -m pip install --quiet --disable-pip-version-check -r "$requirements" || return 1
    # By the setuptools that is there: the project itself needs no network. Newer pips pass on what setuptools
    # has to say of its own future, screens of it.
    PYTHONWARNINGS=ignore "$PYTHON" -m pip install --quiet --disable-pip-version-check \
        --no-deps --no-build-isolation -e . || return 1
    _wanted runtime >"$SPT_VENV/.installed-runtime"
    if [ "$kind" = dev ]; then _wanted dev >"$SPT_VENV/.installed-dev"; fi
}
