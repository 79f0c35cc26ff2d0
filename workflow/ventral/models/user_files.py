"""Finds the user's own files that determine what a model computes, besides its weights, without importing any code."""

import glob
import os
from collections.abc import Iterator
from pathlib import Path

from ventral.core.imports import Finder, modules_behind, search_path
from ventral.core.stamps import hash_of

FACTORIES = ("factory", "architecture")
NOT_READ = ("__pycache__", "site-packages")


def code_hash(spec: dict) -> str:
    """Hash of the user's own code and files behind an entry; '' if there are none.

    Python files and small files count by their content, and large files by their size and time.

    Parameters
    ----------
    spec : dict
        An entry of `models` or `networks`; see `user_files` for the keys that count.
    """
    return hash_of(user_files(spec)) or ""


def user_files(spec: dict) -> set[Path]:
    """The user's own files behind an entry.

    Parameters
    ----------
    spec : dict
        An entry of `models` or `networks`. `factory` and `architecture` stand for their module and all modules that it
        imports, `repository` for all files of a local folder, `arguments` for the files, folders and modules that its
        texts name, and `files` for the files that match its paths and patterns.
    """
    factories = [text for text in map(spec.get, FACTORIES) if isinstance(text, str) and ":" in text]
    code = [file for text in factories for file in factory_files(text)]
    found, folders = set(), [file.parent for file in code]
    repository = spec.get("repository")
    if isinstance(repository, str) and is_folder(repository):
        folders.append(Path(repository))
        code.append(Path(repository, "hubconf.py"))
        found |= set(contents_of(Path(repository)))
    for text in texts_of(spec.get("arguments")):
        files, modules = named_by(text, folders)
        found, code = found | files, [*code, *modules]
    for pattern in spec.get("files", ()):
        found |= matching(pattern)
    return found | modules_behind(code, folders)


def file_problems(spec: dict, results: str | None = None) -> Iterator[str]:
    """What is wrong with the files that an entry names, each as `key: sentence`.

    Parameters
    ----------
    spec : dict
        An entry of `models` or `networks`.
    results : str, optional
        The study's results folder, on which no entry may depend.
    """
    for i, pattern in enumerate(spec.get("files", ())):
        if not matching(pattern):
            yield f"files.{i}: no file matches {pattern!r}; correct the pattern or leave it out."
    named = {"arguments": texts_of(spec.get("arguments")), "files": texts_of(spec.get("files"))}
    for key, texts in named.items():
        for text in texts:
            if results and text and is_folder(text) and Path(text).resolve() == Path(results).resolve():
                yield f"{key}: {text!r} is the results folder, which changes with each run; name single files in it."


def factory_files(factory: str) -> set[Path]:
    """The files of `package.module:function` or `folder/file.py:function`; empty for an installed package."""
    place = factory.rpartition(":")[0]
    if place.endswith(".py"):
        return {Path(place)} if is_file(place) else set()
    return Finder(search_path()).files(place)


def matching(pattern: str) -> set[Path]:
    """Files that match a path or a pattern, and all files in folders that match it."""
    paths = [Path(path) for path in glob.glob(os.path.expanduser(pattern), recursive=True)]
    return {file for path in paths for file in ([path] if path.is_file() else contents_of(path))}


def named_by(text: str, folders: list[Path]) -> tuple[set[Path], set[Path]]:
    """Files and modules that a text names, relative to the working folder or to one of these folders."""
    files, modules = set(), set()
    for folder in (Path(), *folders):
        path = folder / os.path.expanduser(text)
        if is_file(path):
            (modules if path.suffix == ".py" else files).add(path)
        elif text and is_folder(path):
            files |= set(contents_of(path))
    place, _, function = text.rpartition(":")
    if function.isidentifier() and place.endswith(".py"):
        modules |= {folder / place for folder in (Path(), *folders) if is_file(folder / place)}
    for name in (text, text.rpartition(".")[0], place):
        if name and all(part.isidentifier() for part in name.split(".")):
            modules |= Finder(search_path(folders)).files(name)
    return files, modules


def contents_of(folder: Path) -> Iterator[Path]:
    """Files of a folder and of the folders in it, except hidden files and Python's caches.

    If the folder contains the working folder, and so perhaps the study's results, only its Python files.
    """
    everything = not Path.cwd().is_relative_to(folder.resolve())
    seen = {os.path.realpath(folder)}  # links may lead back
    for place, inside, names in os.walk(folder, followlinks=True):
        kept = {os.path.realpath(Path(place, name)): name for name in inside if not _left_out(name)}
        inside[:] = [name for path, name in kept.items() if path not in seen]
        seen |= kept.keys()
        for name in names:
            path = Path(place, name)
            if not _left_out(name) and (everything or path.suffix == ".py") and path.is_file():
                yield path


def _left_out(name: str) -> bool:
    return name.startswith(".") or name in NOT_READ


def texts_of(value: object) -> Iterator[str]:
    """Every text in nested lists and mappings."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from texts_of(one)


def is_file(path: str | Path) -> bool:
    """Whether a text is the path of a file; False for a text that cannot be a path."""
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: str | Path) -> bool:
    """Whether a text is the path of a folder; False for a text that cannot be a path."""
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):
        return False
