"""`--help` says what it does: spt_tf/commands/plot_run.py."""

from __future__ import annotations

from spt_tf.commands.plot_run import run

if __name__ == "__main__":
    run()
