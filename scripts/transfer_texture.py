"""`--help` says what it does: spt_tf/commands/transfer_texture.py."""

from __future__ import annotations

from spt_tf.commands.transfer_texture import run

if __name__ == "__main__":
    run()
