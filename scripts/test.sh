#!/usr/bin/env bash
# Everything CI runs: formatting, lint, types, tests. Arguments go to pytest, after those that spread the test
# files over the cores; -n0 runs them in one process:
#     bash scripts/test.sh tests/geometry -k warp -n0
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/environment.sh
set_up_environment dev

"$PYTHON" -m ruff format --check .
"$PYTHON" -m ruff check .
"$PYTHON" -m mypy
exec "$PYTHON" -m pytest -n auto --dist loadfile --no-loadscope-reorder "$@"
