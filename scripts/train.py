"""`--help` says what it does: spt_tf/commands/train.py."""

from __future__ import annotations

from spt_tf.commands.train import run

if __name__ == "__main__":
    run()
