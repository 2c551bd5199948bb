"""Random damage to files and messages: what disks, networks and people with intentions do to bytes."""

from __future__ import annotations

import random
from collections.abc import Callable

# What looks innocent to a program that trusts its input.
_TOKENS = (
    *(b"-1", b"NaN", b"Infinity", b"1e999", b"99999999999999999999", b"0x10", b"null", b"true", b"{}", b"[]"),
    *(b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"'", b"\r", b"\n\n", b",,,,", b":::", b"../../etc/passwd"),
    *(
        b"[" * 2000,
        b"{" * 2000,
        b"9" * 400,
        b"9" * 5000,
        b"%s%n",
        "\u0663\U0001f600".encode(),
        b"\xff" * 64,
        b"\0" * 512,
    ),
)


def _flip_bits(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 8)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _cut_off(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


def _take_out(data: bytearray, chance: random.Random) -> None:
    place = chance.randrange(len(data))
    del data[place : place + chance.randint(1, max(1, len(data) // 4))]


def _insert_token(data: bytearray, chance: random.Random) -> None:
    place = chance.randint(0, len(data))
    data[place:place] = chance.choice(_TOKENS)


def _overwrite_with_token(data: bytearray, chance: random.Random) -> None:
    token, place = chance.choice(_TOKENS), chance.randrange(len(data))
    data[place : place + len(token)] = token


def _insert_noise(data: bytearray, chance: random.Random) -> None:
    place = chance.randint(0, len(data))
    data[place:place] = chance.randbytes(chance.randint(1, 200))


def _repeat(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    piece = data[start : start + chance.randint(1, 300)]
    data[start:start] = piece * chance.randint(1, 20)


def _zeroes(data: bytearray, chance: random.Random) -> None:
    place = chance.randrange(len(data))
    end = min(len(data), place + chance.randint(1, 4096))
    data[place:end] = bytes(end - place)


def _extreme_number(data: bytearray, chance: random.Random) -> None:
    """Where a length or a size may stand."""
    width = chance.choice((1, 2, 4, 8))
    place = chance.randrange(len(data))
    data[place : place + width] = chance.choice((b"\xff", b"\x7f", b"\x80", b"\0")) * width


_DAMAGES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    *(_flip_bits, _flip_bits, _cut_off, _take_out, _insert_token, _overwrite_with_token),
    *(_insert_noise, _repeat, _zeroes, _extreme_number),
)


def damaged(content: bytes, chance: random.Random) -> bytes:
    """`content` after one to three random damages; never the same as before."""
    data = bytearray(content)
    while bytes(data) == content:
        data = bytearray(content)
        for _ in range(chance.choice((1, 1, 2, 3))):
            (chance.choice(_DAMAGES) if data else _insert_token)(data, chance)
    return bytes(data)
