"""`--help` says what it does: spt_tf/commands/find_people.py."""

from __future__ import annotations

from spt_tf.commands.find_people import run

if __name__ == "__main__":
    run()
