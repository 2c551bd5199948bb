"""`--help` says what it does: spt_tf/commands/export_saved_model.py."""

from __future__ import annotations

from spt_tf.commands.export_saved_model import run

if __name__ == "__main__":
    run()
