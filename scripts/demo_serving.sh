#!/usr/bin/env bash
# The demo's last act: exports a run, serves it, asks it through the client, compares with generate.py's pixels.
#
#     bash scripts/demo_serving.sh RUN_DIR DATA_DIR [FINDER]
#
# With a finder, a run directory of train_perception.py, it also asks with photos alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
run_dir="$1" data_dir="$2" finder="${3:-}"
source scripts/environment.sh
set_up_environment runtime
export TF_CPP_MIN_LOG_LEVEL="${TF_CPP_MIN_LOG_LEVEL:-3}"

work="$run_dir/serving"
people=(--parsing_dir="$data_dir/parsing/test" --annotations="$data_dir/market-annotation-test.csv")
rm -rf "$work" && mkdir -p "$work"
# The first source of the test pairs, and all its targets.
source_name="$(awk -F, 'NR == 2 { print $1 }' "$data_dir/market-pairs-test.csv")"
awk -F, -v wanted="$source_name" 'NR == 1 || $1 == wanted' "$data_dir/market-pairs-test.csv" >"$work/pairs.csv"
targets="$(awk -F, 'NR > 1 { print $2 }' "$work/pairs.csv" | paste -sd, | tr -d '\r')"

"$PYTHON" scripts/generate.py --run_dir="$run_dir" --source_dir="$data_dir/test" "${people[@]}" \
    --pairs="$work/pairs.csv" --output_dir="$work/generated"
"$PYTHON" export/export_saved_model.py --run_dir="$run_dir" --output_dir="$work/models/spt" \
    ${finder:+--finder="$finder" --flip_test}

: >"$work/serve.out" # is looked into before the server has started
"$PYTHON" export/serve.py --model_base_path="$work/models/spt" --port=0 >"$work/serve.out" 2>"$work/serve.log" &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
until address="$(sed -n 's/^Serving on \([^,]*\).*/\1/p' "$work/serve.out")" && [ -n "$address" ]; do
    kill -0 "$server" 2>/dev/null || { cat "$work/serve.log" >&2; exit 1; }
    sleep 0.2
done
"$PYTHON" export/client.py --server="$address" --images_dir="$data_dir/test" "${people[@]}" \
    --source="$source_name" --targets="$targets" --output_dir="$work/served"
if [ -n "$finder" ]; then
    "$PYTHON" export/client.py --server="$address" --photos="$data_dir/test" --source="$source_name" \
        --targets="$targets" --output_dir="$work/from_photos"
fi
kill -TERM "$server"
wait "$server"
trap - EXIT
"$PYTHON" scripts/compare_pictures.py --expected="$work/generated" --found="$work/served"
