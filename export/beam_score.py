"""`--help` says what it does: spt_tf/commands/beam_score.py."""

from __future__ import annotations

from spt_tf.commands.beam_score import run

if __name__ == "__main__":
    run()
