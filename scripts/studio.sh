#!/usr/bin/env bash
# Opens the studio in the browser, on this machine alone: a page on which a person is posed, painted, dressed
# and animated by hand. Without a model of one's own it opens the demo's, and makes that first where it is
# not there (once; README.md says how long). What is given goes to scripts/studio.py:
#
#     bash scripts/studio.sh
#     bash scripts/studio.sh --saved_model=models/spt/1 --data_dir=datasets/demo
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/environment.sh
set_up_environment runtime
export TF_CPP_MIN_LOG_LEVEL="${TF_CPP_MIN_LOG_LEVEL:-3}"

case " $* " in
    *" --run_dir"* | *" --saved_model"* | *" --server"* | *" --help"*) ;;
    *)
        # The pictures that the demo writes last are there once its model is.
        if [ ! -e runs/demo/generated/sheet.png ]; then
            echo "No model yet: making the demo's, once; README.md says how long that takes"
            bash scripts/demo.sh
        fi
        set -- --run_dir=runs/demo "$@"
        ;;
esac
exec "$PYTHON" scripts/studio.py "$@"
