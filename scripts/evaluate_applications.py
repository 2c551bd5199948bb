"""`--help` says what it does: spt_tf/commands/evaluate_applications.py."""

from __future__ import annotations

from spt_tf.commands.evaluate_applications import run

if __name__ == "__main__":
    run()
