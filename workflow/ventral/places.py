"""Paths, file names and addresses in a configuration: which are invalid, and which could do harm."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
OF_PROJECT = ("workflow", "tests", "docs", "envs", "profiles", ".ci")
OF_PROGRAMS = (".git", ".snakemake", ".venv", ".cache")
LONGEST_NAME, LONGEST_PATH = 255, 4095  # bytes, on the usual file systems
LONGEST_LAYER = 200  # bytes; the rest is for what is written before and after it
RESERVED = (".", "..", "stimulus_id")  # in files of HDF5, and in that of activations
REPEATED = re.compile(r"(.+?)\1{19,}\Z")  # as in snakemake.io.PeriodicityDetector
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


def path_problem(path: str) -> str | None:
    """Why a text cannot be the path of a file, to follow the words "this path"; None if it can."""
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
    """Whether Snakemake would take a name for that of an endless chain of jobs, after the name; None if not."""
    return "ends with the same text 20 times in a row, which Snakemake refuses" if REPEATED.search(name) else None


def layer_name_problem(name: str) -> str | None:
    """Why a layer's name cannot be a file name, to follow the name; None if it can."""
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
    """Why a folder must not become the one that a study writes to.

    Parameters
    ----------
    results : str
        The folder, as the configuration names it.
    sources : mapping of str
        Folders that the study reads, by the key that names each.
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
    """Why nothing is fetched from an address; None where it may be."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "is not a valid address"
    if parts.scheme == "file":
        return "is a file: address; name the file itself under `file`"
    if parts.scheme != "https":
        return "is not encrypted; use an https address" if parts.scheme else "is not an https address"
    return None if parts.hostname and not CONTROL.search(url) and " " not in url else "names no server"
