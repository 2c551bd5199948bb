"""`--help` says what it does: spt_tf/commands/search_pseudo_labels.py."""

from __future__ import annotations

from spt_tf.commands.search_pseudo_labels import run

if __name__ == "__main__":
    run()
