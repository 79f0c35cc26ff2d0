"""Detects truncated video files by comparing their size with the extent that their container states.

Decoders return the frames that are present and do not report missing ones. Containers state their extent: MP4 and MOV
in boxes, AVI in RIFF chunks, MKV and WebM in elements, WMV in objects, Ogg by a flag of the last page, MPEG program
streams in packets, and transport streams by packets of one size. A program or transport stream that was cut between two
frames is itself a complete stream, so this case cannot be detected.
"""

import mmap
from pathlib import Path

from ventral.core.errors import Fault

BOXES = {*(b"ftyp", b"moov", b"mdat", b"moof", b"mfra", b"free", b"skip", b"wide", b"styp", b"sidx", b"uuid", b"meta")}
ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
EBML = b"\x1a\x45\xdf\xa3"
PACK = b"\0\0\1\xba"
SLACK = 8  # bytes by which some writers overstate the size of an AVI file
TAIL = 1 << 20  # bytes at the end of a file that are searched for its last page or pack


def refuse_truncated(path: Path) -> None:
    """Refuse a video file that is shorter than its container states.

    Raises
    ------
    Fault
        The file is truncated.
    """
    size = path.stat().st_size
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        end = end_of(content)
    if end > size:
        raise Fault(
            f"The video {path} is truncated: its container states more than the {size:,} bytes of the file; "
            f"replace it, or move it elsewhere."
        )


def end_of(content: mmap.mmap | bytes) -> int:
    """The size in bytes that a file should have; its actual size if the container does not state one."""
    if content[4:8] in BOXES:
        return end_of_boxes(content)
    for signature, end in SIGNATURES.items():
        if content[: len(signature)] == signature:
            return end(content)
    return end_of_transport_packets(content)


def end_of_boxes(content: bytes) -> int:
    """ISO base media (MP4, MOV): boxes that begin with their size and type."""
    place = 0
    while place < len(content):
        size, kind = int.from_bytes(content[place : place + 4], "big"), content[place + 4 : place + 8]
        if size == 0 or (len(kind) == 4 and not kind.isalnum()):  # a box up to the end of the file, or no box
            return len(content)
        if size == 1:
            size = int.from_bytes(content[place + 8 : place + 16], "big")
        place += max(size, 8)
    return place


def end_of_riff(content: bytes) -> int:
    """AVI: one or more RIFF chunks that begin with their name and size."""
    place = end = 0
    while content[place : place + 4] == b"RIFF":
        size = int.from_bytes(content[place + 4 : place + 8], "little")
        if not size:  # the writer did not finish the file, so it states nothing
            return len(content)
        end = place + 8 + size
        place = end + size % 2
    return end - SLACK


def end_of_elements(content: bytes) -> int:
    """Matroska and WebM: elements that begin with an identifier and a size, both of variable length.

    An element of unknown size, as in live recordings, is skipped by reading the elements inside it.
    """
    place = 0
    while place < len(content):
        place += _length(content[place])
        if place >= len(content):
            return len(content) + 1
        length = _length(content[place])
        mask = (1 << 7 * length) - 1
        size = int.from_bytes(content[place : place + length], "big") & mask
        place += length + (0 if size == mask else size)
    return place


def _length(first: int) -> int:
    """Number of bytes of a Matroska number, from its first byte."""
    return 9 - first.bit_length() if first else 8


def end_of_objects(content: bytes) -> int:
    """Advanced Systems Format (WMV): objects that begin with a name of 16 bytes and their size."""
    place = 0
    while place < len(content):
        size = int.from_bytes(content[place + 16 : place + 24], "little")
        if size < 24 and place + 24 <= len(content):
            return len(content)
        place += max(size, 24)
    return place


def end_of_pages(content: bytes) -> int:
    """Ogg: pages, the last of which is flagged."""
    page = content.rfind(b"OggS", max(0, len(content) - TAIL))
    segments = content[page + 27 : page + 27 + content[page + 26]] if len(content) > page + 26 else b""
    is_last = len(content) > page + 5 and content[page + 5] & 4
    return page + 27 + len(segments) + sum(segments) if is_last and segments else len(content) + 1


def end_of_packs(content: bytes) -> int:
    """MPEG program streams: packs of packets that begin with a code and their size."""
    place = content.rfind(PACK, max(0, len(content) - TAIL))
    while place < len(content):
        code = content[place : place + 4]
        if code == PACK:
            is_second = len(content) > place + 13 and content[place + 4] >> 6 == 1
            place += 14 + content[place + 13] % 8 if is_second else 12
        elif code[:3] == b"\0\0\1" and code[3:] >= b"\xbb":
            place += 6 + int.from_bytes(content[place + 4 : place + 6], "big")
        else:  # the end code, or padding
            return len(content)
    return place


def end_of_transport_packets(content: bytes) -> int:
    """MPEG transport streams: packets of 188 bytes that begin with "G", in some files after a time stamp of 4 bytes."""
    for start, step in ((0, 188), (4, 192)):
        if content[start : start + 1] == content[start + step : start + step + 1] == b"G":
            return -(-len(content) // step) * step
    return len(content)


SIGNATURES = {  # the first bytes of a file
    b"RIFF": end_of_riff,
    EBML: end_of_elements,
    ASF: end_of_objects,
    b"OggS": end_of_pages,
    PACK: end_of_packs,
}
