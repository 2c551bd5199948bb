#!/usr/bin/env bash
# From a fresh clone to people moved into new poses: draws a data set, trains the four stages on it,
# measures the result on test pairs with true targets, and draws panels. Run again, it carries on where it stopped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/environment.sh
set_up_environment runtime
# TensorFlow greets every start with harmless errors about CUDA; real ones come as Python exceptions.
export TF_CPP_MIN_LOG_LEVEL="${TF_CPP_MIN_LOG_LEVEL:-3}"

# The data set appears whole or not at all.
if [ ! -d datasets/demo ]; then
    "$PYTHON" scripts/make_paper_dolls.py --output_dir=datasets/demo --num_train=2000 --num_test_pairs=200
fi
"$PYTHON" scripts/train.py --flagfile=demo.flags --stage=all
"$PYTHON" scripts/evaluate.py --run_dir=runs/demo --data_dir=datasets/demo
"$PYTHON" scripts/generate.py --run_dir=runs/demo --data_dir=datasets/demo --output=runs/demo/panels
