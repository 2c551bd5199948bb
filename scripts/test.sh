#!/usr/bin/env bash
# Everything CI runs: formatting, lint, types, tests. Arguments go to pytest:
#     bash scripts/test.sh tests/geometry -k warp
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/environment.sh
set_up_environment dev

"$PYTHON" -m ruff format --check .
"$PYTHON" -m ruff check .
"$PYTHON" -m mypy
exec "$PYTHON" -m pytest "$@"
