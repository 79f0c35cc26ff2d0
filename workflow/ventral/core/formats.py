"""Tells the format of a file by its first bytes, so that messages can name a wrong format.

A failed download often leaves a web page, a Git LFS pointer or an empty file under the right name.
"""

from pathlib import Path

from ventral.core.errors import Fault

FIRST_BYTES = {
    b"\x89HDF\r\n\x1a\n": "HDF5",
    b"CDF\x01": "netCDF-3",
    b"CDF\x02": "netCDF-3",
    b"CDF\x05": "CDF-5",
    b"PK": "zip",
    b"\x93NUMPY": "npy",
    b"MATLAB 5.0": "MATLAB 5",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "rar",
    b"ustar": "tar",
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"SQLite format 3": "SQLite",
    b"PAR1": "Parquet",
    b"ARROW1": "Arrow",
    b"\x80\x02": "pickle",
    b"\x80\x03": "pickle",
    b"\x80\x04": "pickle",
    b"\x80\x05": "pickle",
    b"version https://git-lfs": "Git LFS",
}
WEB_PAGE = (b"<!doctype html", b"<html", b"<?xml", b"<head", b"<body")
DESCRIPTIONS = {
    "empty": "an empty file",
    "web page": "a web page",
    "Git LFS": "a Git LFS pointer",
    "netCDF-3": "a netCDF-3 file",
    "CDF-5": "a netCDF-3 file with 64-bit data (CDF-5)",
    "HDF5": "an HDF5 file",
    "MATLAB 5": "a MATLAB file",
    "npy": "a single array (.npy)",
    "pickle": "a Python pickle",
}
REMEDIES = {
    "empty": "Write or download it again",
    "web page": "The server sent a web page instead of the file; download it in another way",
    "Git LFS": "Fetch the file itself with `git lfs pull`",
    "CDF-5": "Convert it with `nccopy -k netCDF-4`",
    "npy": "Write it with numpy.savez",
    "pickle": "Pickles can run code and are not read; write its arrays with numpy.savez",
}


def format_of(path: str | Path) -> str | None:
    """The format of a file by its first bytes; None if they do not tell it, as in text files.

    Parameters
    ----------
    path : path
        A file that exists.

    Returns
    -------
    str or None
        A value of `FIRST_BYTES`, "web page" or "empty".
    """
    with open(path, "rb") as file:
        start = file.read(1024)
    if not start:
        return "empty"
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(WEB_PAGE):
        return "web page"
    known = next((name for first, name in FIRST_BYTES.items() if start.startswith(first)), None)
    return known or ("HDF5" if start[512:520] == b"\x89HDF\r\n\x1a\n" else None)  # MATLAB writes a text first


def require_format(path: str | Path, wanted: tuple[str, ...], what: str) -> str | None:
    """The format of a file that must have one of the wanted formats.

    Parameters
    ----------
    path : path
    wanted : texts
        Formats as `format_of` names them.
    what : str
        What the file should be, for the message, such as "an .npz file".

    Returns
    -------
    str or None
        One of the wanted formats; None if the first bytes do not tell the format.

    Raises
    ------
    Fault
        The file cannot be opened, or has another format.
    """
    try:
        actual = format_of(path)
    except OSError as error:
        raise Fault(
            f"{path} cannot be opened ({error.strerror or error}); correct its path or its permissions."
        ) from error
    if actual is None or actual in wanted:
        return actual
    described = DESCRIPTIONS.get(actual, f"a file of the format {actual}")
    raise Fault(f"{path} is {described}, not {what}. {REMEDIES.get(actual, 'Name the right file')}.")
