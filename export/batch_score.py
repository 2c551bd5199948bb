"""`--help` says what it does: spt_tf/commands/batch_score.py."""

from __future__ import annotations

from spt_tf.commands.batch_score import run

if __name__ == "__main__":
    run()
