"""`--help` says what it does: spt_tf/commands/import_poses.py."""

from __future__ import annotations

from spt_tf.commands.import_poses import run

if __name__ == "__main__":
    run()
