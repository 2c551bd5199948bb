#!/usr/bin/env bash
# From a fresh clone to people moved into new poses: draws a data set, trains the four stages on it,
# measures the result on test pairs with true targets, writes pictures, and serves the model.
# Run again, it carries on where it stopped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/environment.sh
set_up_environment runtime
# TensorFlow greets every start with harmless errors about CUDA; real ones come as Python exceptions.
export TF_CPP_MIN_LOG_LEVEL="${TF_CPP_MIN_LOG_LEVEL:-3}"
started=$SECONDS

# The data set appears whole or not at all.
if [ ! -d datasets/demo ]; then
    "$PYTHON" scripts/make_paper_dolls.py --output_dir=datasets/demo \
        --num_train=3000 --num_test_pairs=200 --height=64 --width=32
fi
"$PYTHON" scripts/train.py --flagfile=demo.flags
# Finds parsings and joints in bare photos; longer training (perception.flags) finds them better.
"$PYTHON" scripts/train_perception.py --flagfile=perception.flags \
    --perception_steps=1000 --run_dir=runs/perception
# Rows found_...: the same people, given what was found instead of what is true.
"$PYTHON" scripts/evaluate.py --run_dir=runs/demo --data_dir=datasets/demo --finder=runs/perception --flip_test |
    tee runs/demo/evaluation.txt
head -n 17 datasets/demo/market-pairs-test.csv >runs/demo/pairs.csv
"$PYTHON" scripts/generate.py --run_dir=runs/demo --source_dir=datasets/demo/test \
    --annotations=datasets/demo/market-annotation-test.csv --parsing_dir=datasets/demo/parsing/test \
    --pairs=runs/demo/pairs.csv --output_dir=runs/demo/generated
bash scripts/demo_serving.sh runs/demo datasets/demo runs/perception

# From photos alone: nobody has said where anybody's joints and clothes are.
mkdir -p runs/demo/photos
sed -n 2,5p runs/demo/pairs.csv | tr , '\n' | while read -r name; do
    cp "datasets/demo/test/$name" runs/demo/photos/
done
"$PYTHON" scripts/generate.py --run_dir=runs/demo --finder=runs/perception --photos=runs/demo/photos --flip_test \
    --output_dir=runs/demo/from_photos
tail -n 2 runs/demo/evaluation.txt

echo "Done in $(((SECONDS - started) / 60)) min $(((SECONDS - started) % 60)) s. Look at"
echo "  runs/demo/evaluation/spt/sheet_random.png   test people in new poses, beside the true pictures"
echo "  runs/demo/generated/sheet.png               what scripts/generate.py made"
echo "  runs/demo/from_photos/sheet.png             the same from photos alone; what was found is in found/"
echo "  runs/demo/panels/                           the stages as they learned"
