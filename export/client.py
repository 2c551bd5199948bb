"""`--help` says what it does: spt_tf/commands/client.py."""

from __future__ import annotations

from spt_tf.commands.client import run

if __name__ == "__main__":
    run()
