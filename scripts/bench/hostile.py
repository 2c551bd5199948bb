"""Everything hostile at once: calls of a server, damaged files, kills at random moments.

    python scripts/bench/hostile.py --output=docs/results/hostile.txt

Trains, exports and scores a tiny data set first, and again under kills; serves what it exported under hostile
calls; damages files of every kind that is read. Exit status 1 where anything crashes, is silently accepted,
or where good work is not what it is without all this. A run took an hour on two busy cores; `tests/scripts/
test_hostile.py` does the first hundreds of the same in seconds.
"""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import sys
import tempfile
from pathlib import Path

from absl import app, flags

FLAGS = flags.FLAGS
_FILES_A_WORKER = 1000


def define_flags() -> None:
    """Defines the flags, with their checks."""
    flags.DEFINE_integer("requests", 10_000, "Hostile calls.", lower_bound=0)
    flags.DEFINE_integer("files", 10_000, "Damaged files.", lower_bound=0)
    flags.DEFINE_integer(
        "kills", 50, "Kills: two fifths of training, the rest of export and scoring.", lower_bound=0
    )
    flags.DEFINE_integer("seed", 0, "Of everything that is random.", lower_bound=0)
    flags.DEFINE_string("output", None, "File for the results, besides printing them.")


def kills(folder: Path, lines: list[str]) -> list[str]:
    """Counts into `lines`; returns what did not hold."""
    from hostile_kills import kill_jobs, make_whole

    seconds = make_whole(folder)
    training = 2 * FLAGS.kills // 5
    export = (FLAGS.kills - training) // 2
    counts = {"training": training, "export": export, "scoring": FLAGS.kills - training - export}
    tally = kill_jobs(folder, seconds, counts, FLAGS.seed)
    for name, count in tally.kills.items():
        lines.append(
            f"kills of {name} (whole in {seconds[name]:.0f} s): {count}, and {tally.finished[name]} too late"
        )
    lines.append(f"kills: {sum(counts.values())}; what did not hold: {len(tally.problems)}")
    return tally.problems


def requests(folder: Path, lines: list[str]) -> list[str]:
    """Serves the exported model to hostile callers."""
    from hostile_calls import attack_server
    from server_process import embedded_server

    flags_of_server = (f"--model_base_path={folder}/whole/model", "--file_system_poll_wait_seconds=0.5")
    with embedded_server(folder / "server.log", *flags_of_server) as server:
        tally = attack_server(server.address, (32, 32), "spt", FLAGS.requests, FLAGS.seed)
        died = server.process.poll() is not None
    status = server.process.returncode
    lines += [f"calls, {kind}: {count}" for kind, count in sorted(tally.kinds.items())]
    lines.append("answers: " + ", ".join(f"{name} {count}" for name, count in sorted(tally.statuses.items())))
    lines.append(
        f"calls: {sum(tally.kinds.values())}; crashes: {len(tally.crashes)}; silently accepted: "
        f"{len(tally.accepted)}; good ones refused: {len(tally.refused)}; exit status of the server: {status}"
    )
    return [*tally.crashes, *tally.accepted, *tally.refused, *(["the server died"] if died or status else [])]


def files(folder: Path, lines: list[str]) -> list[str]:
    """Damages files, a thousand in each worker process."""
    from hostile_files import attack_readers

    problems, read, refused, crashes, accepted = [], 0, 0, 0, 0
    spawn = multiprocessing.get_context("spawn")
    for start in range(0, FLAGS.files, _FILES_A_WORKER):
        count = min(_FILES_A_WORKER, FLAGS.files - start)
        try:
            with concurrent.futures.ProcessPoolExecutor(1, spawn) as pool:
                tally = pool.submit(attack_readers, f"{folder}/whole/run", count, FLAGS.seed + start).result()
        except concurrent.futures.process.BrokenProcessPool:
            problems.append(f"the process that read files {start} to {start + count} died")
            crashes += 1
            continue
        read += sum(number for name, number in tally.counts.items() if name.endswith("read"))
        refused += sum(number for name, number in tally.counts.items() if name.endswith("refused"))
        crashes, accepted = crashes + len(tally.crashes), accepted + len(tally.accepted)
        problems += [*tally.crashes, *tally.accepted]
    lines.append(
        f"files: {FLAGS.files}; refused by name: {refused}; read, and right: {read - accepted}; "
        f"crashes: {crashes}; silently accepted: {accepted}"
    )
    return problems


def main(argv: list[str]) -> None:
    if len(argv) > 1:
        raise app.UsageError(f"unexpected argument: {argv[1]}")
    from measure import finish, machine

    lines, problems = [f"{machine()}; seed {FLAGS.seed}"], []
    with tempfile.TemporaryDirectory() as scratch:
        for group in (kills, files, requests):
            found = group(Path(scratch), lines)
            print(
                f"{group.__name__}: {len(found)} problems", *sorted(set(found))[:20], sep="\n  ", flush=True
            )
            problems += found
    lines += sorted(set(problems))[:50]
    lines.append(f"what did not hold: {len(problems)}")
    finish(lines, FLAGS.output)
    if problems:
        sys.exit(f"hostile: {len(problems)} did not hold")


if __name__ == "__main__":
    define_flags()
    app.run(main)
