"""`--help` says what it does: spt_tf/commands/convert_checkpoint.py."""

from __future__ import annotations

from spt_tf.commands.convert_checkpoint import run

if __name__ == "__main__":
    run()
