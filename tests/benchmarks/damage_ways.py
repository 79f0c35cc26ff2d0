"""Random ways of damaging a file: functions of its bytes and of a generator that return other bytes."""

import functools

import numpy as np


def place_of(content: bytearray, size: int, rng: np.random.Generator) -> slice:
    """A block of a file, in half of the cases at a multiple of its size, as on a disk."""
    start = int(rng.integers(max(1, len(content) - size)))
    start = start // size * size if rng.random() < 0.5 else start
    return slice(start, min(start + size, len(content)))


def size_of(rng: np.random.Generator) -> int:
    return int(rng.choice([1, 2, 8, 64, 512, 4096, 65536]))


def flipped(content: bytearray, rng: np.random.Generator) -> bytes:
    content[rng.integers(len(content))] ^= 1 << int(rng.integers(8))
    return bytes(content)


def filled(content: bytearray, rng: np.random.Generator, value: int) -> bytes:
    place = place_of(content, size_of(rng), rng)
    content[place] = bytes([value]) * len(content[place])
    return bytes(content)


def overwritten(content: bytearray, rng: np.random.Generator) -> bytes:
    place = place_of(content, size_of(rng), rng)
    content[place] = rng.bytes(len(content[place]))
    return bytes(content)


def inverted(content: bytearray, rng: np.random.Generator) -> bytes:
    """Words of zeros become words of ones and vice versa, which Fletcher's checksum does not detect."""
    words = np.frombuffer(bytes(content[: len(content) // 2 * 2]), np.uint16).copy()
    chosen = np.flatnonzero((words == 0) | (words == 0xFFFF))
    if not len(chosen):
        return bytes(content)
    start = int(rng.integers(len(chosen)))
    chosen = chosen[start : start + int(rng.integers(1, 64))]
    words[chosen] ^= 0xFFFF
    return words.tobytes() + bytes(content[2 * len(words) :])


def exchanged(content: bytearray, rng: np.random.Generator) -> bytes:
    size = min(size_of(rng), max(1, len(content) // 2))
    one, other = place_of(content, size, rng), place_of(content, size, rng)
    kept = bytes(content[one]), bytes(content[other])
    if len(kept[0]) == len(kept[1]):
        content[one], content[other] = kept[1], kept[0]
    return bytes(content)


def copied(content: bytearray, rng: np.random.Generator) -> bytes:
    """A block is copied over another one, as when a disk writes to a wrong place."""
    size = min(size_of(rng), max(1, len(content) // 2))
    one, other = place_of(content, size, rng), place_of(content, size, rng)
    if len(content[one]) == len(content[other]):
        content[one] = content[other]
    return bytes(content)


def cut(content: bytearray, rng: np.random.Generator) -> bytes:
    kept = rng.integers(len(content)) if rng.random() < 0.7 else len(content) - min(len(content), rng.integers(1, 80))
    return bytes(content[: int(kept)])


def lengthened(content: bytearray, rng: np.random.Generator) -> bytes:
    more = [bytes(size_of(rng)), rng.bytes(size_of(rng)), bytes(content), b"\n"][int(rng.integers(4))]
    return bytes(content) + more


def without_lines(content: bytearray, rng: np.random.Generator) -> bytes:
    """Some lines are lost or reversed, which no parser of tables notices."""
    lines = bytes(content).split(b"\n")
    start = int(rng.integers(len(lines)))
    if rng.random() < 0.5:
        del lines[start : start + int(rng.integers(1, 4))]
    else:
        lines[start:] = lines[start:][::-1]
    return b"\n".join(lines)


def shifted(content: bytearray, rng: np.random.Generator) -> bytes:
    place = place_of(content, size_of(rng), rng)
    if rng.random() < 0.5:
        del content[place]
    else:
        content[place.start : place.start] = content[place]
    return bytes(content)


WAYS = {
    "a flipped bit": flipped,
    "zeros": functools.partial(filled, value=0),
    "ones": functools.partial(filled, value=0xFF),
    "random bytes": overwritten,
    "inverted words": inverted,
    "exchanged blocks": exchanged,
    "a copied block": copied,
    "cut": cut,
    "lengthened": lengthened,
    "lost lines": without_lines,
    "shifted bytes": shifted,
}
