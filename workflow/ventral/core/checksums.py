"""Checks every byte of an HDF5 file when it is read, and keeps HDF5 from crashing when the disk is full.

HDF5's own checksums cover the chunks of a dataset and, in newer formats, its headers. They do not notice when a 16-bit
word of zeros turns into ones. In older formats nothing covers attributes or heaps of texts, and a zeroed block in a
heap can make the library loop forever. Each block of a finished file therefore gets a checksum of its own (CRC-32). The
checksums follow the last byte that HDF5 uses, so any program that reads HDF5 can still read the file. `Checked` passes
a block to HDF5 only if it matches its checksum. Only blocks that are read are checked, so reading a part of a large
file costs no more than that part.

HDF5 crashes when a write fails while it closes a file. `Draft` therefore hides write errors from HDF5 until the file is
closed.
"""

import contextlib
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import h5py

from ventral.core.errors import check_room

BLOCK = 1 << 16  # bytes
MARK = b"ventral CRC-32 1"
END = struct.Struct("<QI16s")  # bytes before the checksums, checksum of the checksums and of these bytes, MARK
FORMAT = (h5py.h5f.LIBVER_V110, h5py.h5f.LIBVER_V110)
PROTECTED = b"\x89HDF\r\n\x1a\n\x03"  # first bytes of this format; earlier versions of Ventral wrote 0 as the last
SPILLED = 1 << 16  # bytes; longest write that is kept in memory after an error, because HDF5 may read it again


class Damaged(OSError):
    """A file that has changed since it was written."""


class _Positioned:
    """The position and the size of a file object, which HDF5 asks for.

    Attributes
    ----------
    path : path
    size : int
        Number of bytes that HDF5 sees.
    """

    def __init__(self, path: str | Path, size: int) -> None:
        self.path, self.size, self._position = path, size, 0

    def __repr__(self) -> str:
        return str(self.path)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._position = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        return self._position

    def tell(self) -> int:
        return self._position


class Draft(_Positioned):
    """A new file that HDF5 writes to; write errors are stored and hidden from HDF5.

    Parameters
    ----------
    path : path
    continued : bool
        Whether the bytes of an existing file stay where HDF5 does not write.

    Attributes
    ----------
    error : OSError or None
        The first write error.
    size, needed : int
        Bytes of the file so far, and of the complete file as far as known.
    """

    def __init__(self, path: Path, continued: bool = False) -> None:
        super().__init__(path, size=0)
        self.error, self.needed = None, 0
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | (0 if continued else os.O_TRUNC), 0o666)
        self._spilled: dict[int, bytes] = {}

    def write(self, data) -> int:
        start, data = self._position, memoryview(data)
        self._position += len(data)
        self.size = max(self.size, self._position)
        done = 0
        try:
            while self.error is None and done < len(data):
                done += os.pwrite(self._file, data[done:], start + done)
        except OSError as error:
            self.error = error
        if done < len(data) <= SPILLED:
            self._spilled[start] = bytes(data)
        return len(data)

    def read(self, size: int) -> bytes:
        start = self._position
        content = bytearray(os.pread(self._file, size, start).ljust(size, b"\0"))
        for place, piece in self._spilled.items():
            first, last = max(start, place), min(start + size, place + len(piece))
            if first < last:
                content[first - start : last - start] = piece[first - place : last - place]
        self._position += size
        return bytes(content)

    def truncate(self, size: int | None = None) -> int:
        self.size = self._position if size is None else size
        try:
            if self.error is None:
                os.ftruncate(self._file, self.size)
        except OSError as error:
            self.error = error
        return self.size

    def fileno(self) -> int:
        """The file descriptor."""
        return self._file

    def flush(self) -> None:
        """Do nothing, because writes are not buffered."""

    def finish(self) -> None:
        """Append the checksums and close the file.

        Raises
        ------
        OSError
            The first write error.
        """
        if self.error is not None:
            raise self.error
        table = b"".join(_checksum(block).to_bytes(4, "little") for block in self._blocks())
        size = self.size.to_bytes(8, "little")
        self.seek(self.size)
        self.write(table + END.pack(self.size, _checksum(table + size), MARK))
        try:
            self.close()
        except OSError as error:
            self.error = self.error or error
        if self.error is not None:
            raise self.error

    def close(self) -> None:
        """Close the file without checksums, if it is still open."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def _blocks(self) -> Iterator[bytes]:
        for start in range(0, self.size, BLOCK):
            yield os.pread(self._file, min(BLOCK, self.size - start), start)


class Checked(_Positioned):
    """A finished file that HDF5 reads block by block; damaged blocks are withheld.

    Parameters
    ----------
    path : path

    Attributes
    ----------
    damage : str
        The damage found in the blocks read so far; empty if there is none.

    Raises
    ------
    Damaged
        The checksums are damaged, or they are missing from a file of this format.
    """

    def __init__(self, path: str | Path) -> None:
        self.damage, self._last = "", (-1, b"")
        self._file = os.open(path, os.O_RDONLY)
        try:
            size, self._table = self._checksums()
        except Damaged:
            self.close()
            raise
        super().__init__(path, size)

    def read(self, size: int) -> bytes:
        """Read bytes at the position; if they are damaged, return no bytes, which HDF5 treats as an error."""
        start, stop = self._position, min(self._position + size, self.size)
        self._position += size
        if start >= stop:
            return bytes(size)
        first = start // BLOCK
        try:
            content = self._checked(first, -(-stop // BLOCK))
        except OSError as error:
            self.damage = str(error)
            return b""
        return content[start - first * BLOCK : stop - first * BLOCK].ljust(size, b"\0")

    def close(self) -> None:
        os.close(self._file)

    def _checked(self, first: int, last: int) -> bytes:
        if last - first == 1 and self._last[0] == first:
            return self._last[1]
        content = self._read(first * BLOCK, min(last * BLOCK, self.size))
        view = memoryview(content)
        for index in range(first, last) if self._table is not None else ():
            at = (index - first) * BLOCK
            if _checksum(view[at : at + BLOCK]) != int.from_bytes(self._table[4 * index : 4 * index + 4], "little"):
                raise Damaged(f"the bytes from {index * BLOCK} are not as they were written")
        self._last = (last - 1, content[(last - 1 - first) * BLOCK :])
        return content

    def _read(self, start: int, stop: int) -> bytes:
        parts = []
        while start < stop and (part := os.pread(self._file, stop - start, start)):
            parts.append(part)
            start += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _checksums(self) -> tuple[int, bytes | None]:
        """Number of bytes before the checksums, and the checksums; None if the file was written without any."""
        whole = os.fstat(self._file).st_size
        end = self._read(max(0, whole - END.size), whole)
        if len(end) == END.size and end.endswith(MARK):
            size, checksum, _ = END.unpack(end)
            table = self._read(min(size, whole), max(whole - END.size, 0))
            if len(table) == 4 * -(-size // BLOCK) and checksum == _checksum(table + size.to_bytes(8, "little")):
                return size, table
            raise Damaged("its checksums are damaged")
        if self._read(0, len(PROTECTED)) == PROTECTED:
            raise Damaged("its end is not as it was written")
        return whole, None


class NewFile(h5py.File):
    """An HDF5 file that is being written to a `Draft`."""

    def __init__(self, draft: Draft, path: str | Path) -> None:
        with _access(draft) as access:
            created = h5py.h5p.create(h5py.h5p.FILE_CREATE)
            created.set_obj_track_times(False)
            super().__init__(h5py.h5f.create(os.fsencode(path), h5py.h5f.ACC_TRUNC, created, access))
        self._draft, self._path = draft, path

    def reserve(self, size: int) -> None:
        """Raise a Fault unless the disk has space for a file of `size` bytes."""
        self._draft.needed = size
        check_room(self._path, size, self._draft.path)

    def check(self) -> None:
        """Raise the write error, if there was one, so that no more results are computed in vain."""
        if self._draft.error is not None:
            raise self._draft.error


def read_hdf5(content: Checked) -> h5py.File:
    """Open a finished HDF5 file."""
    with _access(content) as access:
        return h5py.File(h5py.h5f.open(os.fsencode(content.path), h5py.h5f.ACC_RDONLY, fapl=access))


@contextlib.contextmanager
def _access(content: Draft | Checked) -> Iterator[h5py.h5p.PropFAID]:
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_libver_bounds(*FORMAT)
    access.set_fclose_degree(h5py.h5f.CLOSE_STRONG)
    access.set_fileobj_driver(h5py.h5fd.fileobj_driver, content)
    try:
        yield access
    finally:
        access.close()  # otherwise HDF5 releases the file object after Python has shut down


def _checksum(content: bytes | memoryview) -> int:
    return zlib.crc32(content)
