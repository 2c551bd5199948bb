"""What README.md, BUILD.md and the guides tell a reader to type: commands, and Python."""

from __future__ import annotations

import pathlib
import re
import textwrap
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = ("README.md", "BUILD.md")
GUIDES = ("docs/own_photos.md",)  # read after the README
_TYPED = ("python", "bash ", "source ", "pip ", ".venv/", "export ", "docker ", "kubectl ", "curl ", "spt-")
_COMMENT = re.compile(r"(^|\s)#.*")


class Block(NamedTuple):
    """A block of commands or of Python, or a command within a sentence; `line` counts from 1."""

    page: str
    line: int
    language: str
    text: str

    @property
    def commands(self) -> list[str]:
        """The commands, each one line without comments."""
        joined = re.sub(r"\\\n\s*", "", "\n".join(_COMMENT.sub("", one) for one in self.text.splitlines()))
        joined = re.sub(r"\n[ \t]+(?=\S)", " ", joined)
        return [one.strip() for one in joined.splitlines() if one.strip()]


def blocks(page: str) -> list[Block]:
    """Everything on a page that is typed, in order."""
    text = (ROOT / page).read_text(encoding="utf8")
    found = []
    for match in re.finditer(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        found.append(Block(page, _line(text, match.start()), match[1], match[2]))
    # indented, below a paragraph and not within a list
    for match in re.finditer(r"(?<=\n)(?:    .*\n|\n(?=    ))+", text):
        lines = textwrap.dedent(match[0].strip("\n"))
        if lines.startswith(("#", *_TYPED)):
            found.append(Block(page, _line(text, match.start()), "shell", lines))
    for match in re.finditer(r"(?<!`)`((?:python|bash)\s[^`]*)`", text):
        found.append(Block(page, _line(text, match.start()), "shell", re.sub(r"\s*\n\s*", " ", match[1])))
    return sorted(found, key=lambda block: block.line)


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1
