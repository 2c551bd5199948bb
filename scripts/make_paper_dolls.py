"""`--help` says what it does: spt_tf/commands/make_paper_dolls.py."""

from __future__ import annotations

from spt_tf.commands.make_paper_dolls import run

if __name__ == "__main__":
    run()
