"""`--help` says what it does: spt_tf/commands/compare_pictures.py."""

from spt_tf.commands.compare_pictures import run

if __name__ == "__main__":
    run()
