"""`--help` says what it does: spt_tf/commands/generate_sequence.py."""

from __future__ import annotations

from spt_tf.commands.generate_sequence import run

if __name__ == "__main__":
    run()
