"""`--help` says what it does: spt_tf/commands/edit_parsing.py."""

from __future__ import annotations

from spt_tf.commands.edit_parsing import run

if __name__ == "__main__":
    run()
