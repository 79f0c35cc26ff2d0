"""Checks paths, file names and addresses in a configuration: whether they are valid, and whether they are safe."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[3]
OF_PROJECT = ("workflow", "tests", "docs", "envs", "profiles", ".ci")
OF_PROGRAMS = (".git", ".snakemake", ".venv", ".cache")
LONGEST_NAME, LONGEST_PATH = 255, 4095  # bytes, on the usual file systems
LONGEST_LAYER = 200  # bytes; leaves space for the rest of the file name
RESERVED = (".", "..", "stimulus_id")  # names in HDF5, and a dataset of the activations file
REPEATED = re.compile(r"(.+?)\1{19,}\Z")  # as in snakemake.io.PeriodicityDetector
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


def path_problem(path: str) -> str | None:
    """Why a text cannot be a path, as the end of a sentence that begins with "this path"; None if it can."""
    if not path.strip():
        return "is empty"
    if CONTROL.search(path):
        return "contains a line break or another character that cannot be printed"
    if any(len(os.fsencode(part)) > LONGEST_NAME for part in path.split("/")):
        return f"contains a name of more than {LONGEST_NAME} bytes, which is too long for a file"
    if len(os.fsencode(path)) > LONGEST_PATH:
        return f"is longer than {LONGEST_PATH} bytes"
    return None


def repetition_problem(name: str) -> str | None:
    """Why Snakemake would refuse a name, as the end of a sentence that begins with the name; None if it would not."""
    return "ends with the same text 20 times in a row, which Snakemake refuses" if REPEATED.search(name) else None


def layer_name_problem(name: str) -> str | None:
    """Why a layer's name cannot be a file name, as the end of a sentence that begins with it; None if it can."""
    if not name:
        return "is empty"
    if CONTROL.search(name):
        return "contains a line break or another character that cannot be printed"
    if len(os.fsencode(name)) > LONGEST_LAYER:
        return f"has more than {LONGEST_LAYER} bytes, which is too long for a file's name"
    if any(character in name for character in "{}<>"):
        return "contains one of { } < >, which have a meaning in Snakemake"
    if name in RESERVED:
        return "is reserved in the activations file"
    return "contains a '/', which a file name cannot" if "/" in name else repetition_problem(name)


def results_problems(results: str, sources: Mapping[str, str]) -> Iterator[str]:
    """Why a study must not write its results to a folder.

    Parameters
    ----------
    results : str
        The folder, as the configuration names it.
    sources : mapping of str
        Folders that the study reads, by the key that names each.

    Yields
    ------
    str
        One sentence for each problem.
    """
    path = Path(results).resolve()
    above = {Path.cwd(): "the working folder", ROOT: "the project", Path.home(): "your home folder"}
    held = [name for folder, name in above.items() if folder.resolve().is_relative_to(path)]
    parts = [ROOT / part for part in OF_PROJECT] + [base / part for base in (Path.cwd(), ROOT) for part in OF_PROGRAMS]
    nearest = next(place for place in (path, *path.parents) if place.exists())
    if results.startswith("~") or "://" in results:
        yield "write the full path of the folder; `~` and addresses are not supported."
    elif held:
        yield f"{results!r} is or contains {held[0]}; name a separate folder for the results, such as results."
    elif any(path.is_relative_to(part.resolve()) for part in parts) or ".git" in path.parts:
        yield f"{results!r} is inside a folder of the project or of a program; name a separate folder for the results."
    elif not nearest.is_dir():
        yield f"{results!r} cannot be a folder, because {nearest} is a file; name another folder."
    elif not os.access(nearest, os.W_OK | os.X_OK):
        yield f"{nearest} is not writable; name another folder, or change its permissions."
    for key, source in sources.items():
        if path.is_relative_to(Path(source).resolve()):
            yield f"{results!r} is inside the folder that {key} reads as images; name another folder."


def address_problem(url: str) -> str | None:
    """Why nothing can be downloaded from an address, as the end of a sentence; None if the address is valid."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "is not a valid address"
    if parts.scheme == "file":
        return "is a file: address; name the file itself under `file`"
    if parts.scheme != "https":
        return "is not encrypted; use an https address" if parts.scheme else "is not an https address"
    return None if parts.hostname and not CONTROL.search(url) and " " not in url else "names no server"
