"""`--help` says what it does: spt_tf/commands/generate.py."""

from __future__ import annotations

from spt_tf.commands.generate import run

if __name__ == "__main__":
    run()
