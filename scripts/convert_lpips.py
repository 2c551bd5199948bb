"""`--help` says what it does: spt_tf/commands/convert_lpips.py."""

from __future__ import annotations

from spt_tf.commands.convert_lpips import run

if __name__ == "__main__":
    run()
