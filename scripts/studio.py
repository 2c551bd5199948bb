"""`--help` says what it does: spt_tf/commands/studio.py."""

from __future__ import annotations

from spt_tf.commands.studio import run

if __name__ == "__main__":
    run()
