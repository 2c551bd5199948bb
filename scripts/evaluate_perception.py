"""`--help` says what it does: spt_tf/commands/evaluate_perception.py."""

from __future__ import annotations

from spt_tf.commands.evaluate_perception import run

if __name__ == "__main__":
    run()
