"""`--help` says what it does: spt_tf/commands/compare_pictures.py."""

from __future__ import annotations

from spt_tf.commands.compare_pictures import run

if __name__ == "__main__":
    run()
