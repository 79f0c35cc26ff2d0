"""Which modules a Python file imports, read from its text: nothing is imported and nothing is run."""

import ast
import functools
import importlib.util
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

from ventral import stages

INSTALLED = ("site-packages", "dist-packages")
BY_NAME = ("import_module", "__import__")
ANCESTORS = 3  # folders above a file that its own code may have put on the search path


def modules_behind(files: Iterable[Path], folders: Iterable[Path] = ()) -> set[Path]:
    """Some Python files, and all modules that they import, directly or through each other.

    Modules are looked for beside the file that imports them, in the folders above it, in folders that it names when
    it changes `sys.path`, in the working folder, and wherever Python looks. Installed packages and the
    standard library are not followed. Modules that are imported under a name that is computed cannot be seen.

    Parameters
    ----------
    files : paths
    folders : paths
        Further folders to look in.
    """
    found: set[Path] = set()
    waiting, places = [Path(os.path.abspath(file)) for file in files], tuple(search_path(folders))
    while waiting:
        path = waiting.pop()
        if path not in found and path.is_file():
            found.add(path)
            state = path.stat()
            waiting += _imported(path, state.st_size, state.st_mtime_ns, state.st_ctime_ns, places)
    return found


class Finder:
    """Finds the user's own modules by their dotted names; it lists each folder once.

    Parameters
    ----------
    folders : paths
        See `search_path`.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self.folders = [*folders]
        self._listed: dict[Path, set[str]] = {}

    def files(self, name: str, first: Iterable[Path] = ()) -> set[Path]:
        """The files of a module and of the packages around it; none if there is no such module.

        Parameters
        ----------
        name : str
            `package.*` means every module of the package.
        first : paths
            Further folders to look in.
        """
        top = name.partition(".")[0]
        if top == stages.LIBRARY.name:  # whatever other copies of this library the search path holds
            return set(_inside(stages.LIBRARY.parent, name))
        places = dict.fromkeys([*first, *self.folders, *_elsewhere(top)])
        return {file for place in places if top in self._tops(place) for file in _inside(place, name)}

    def _tops(self, folder: Path) -> set[str]:
        """Names of the modules and packages that may lie in a folder."""
        if folder not in self._listed:
            try:
                self._listed[folder] = {name.removesuffix(".py") for name in os.listdir(folder)}
            except OSError:
                self._listed[folder] = set()
        return self._listed[folder]


def search_path(first: Iterable[Path] = ()) -> list[Path]:
    """Folders in which the user's own modules are looked for."""
    python_path = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    places = [os.path.abspath(place) for place in (*first, os.getcwd(), *python_path, *filter(None, sys.path))]
    return [Path(place) for place in dict.fromkeys(places) if not _installed(place)]


def names_in(path: Path) -> tuple[frozenset[tuple[int, str]], frozenset[str]]:
    """What a file imports, as (number of leading dots, dotted name), and the texts in it if it changes `sys.path`.

    Of `from a import b` both `a` and `a.b` are named, of `from a import *` both `a` and `a.*`.
    """
    try:
        text = path.read_bytes()
        tree = ast.parse(text)
    except (SyntaxError, ValueError, OSError):
        return frozenset(), frozenset()
    names: set[tuple[int, str]] = set()
    for node in ast.walk(tree):
        names |= set(imported_names(node))
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    changes_path = b"sys.path" in text or b"addsitedir" in text
    return frozenset(names), frozenset(text for text in texts if text and len(text) < 200 and changes_path)


def imported_names(node: ast.AST) -> Iterator[tuple[int, str]]:
    """What one node of a syntax tree imports; see `names_in`."""
    if isinstance(node, ast.Import):
        yield from ((0, alias.name) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        start = f"{node.module}." if node.module else ""
        yield from ((node.level, name) for name in (node.module, *(start + alias.name for alias in node.names)) if name)
    elif isinstance(node, ast.Call) and node.args:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in BY_NAME:
            yield from _named_by(node.args[0])


def _named_by(argument: ast.expr) -> Iterator[tuple[int, str]]:
    """The module that an argument of `import_module` names; all of a package where only the package is written out."""
    rest = argument.values if isinstance(argument, ast.JoinedStr) else [argument]
    if rest and isinstance(rest[0], ast.Constant) and isinstance(rest[0].value, str):
        text = rest[0].value
        name = text.lstrip(".")
        package = name.rpartition(".")[0]
        if len(rest) == 1:
            yield len(text) - len(name), name
        elif package:
            yield len(text) - len(name), f"{package}.*"


@functools.cache
def _imported(path: Path, size: int, modified: int, changed: int, places: tuple[Path, ...]) -> frozenset[Path]:
    """Files that one file imports; the size and the times of the file tell when it must be read again."""
    if path.is_relative_to(stages.LIBRARY):
        return stages.imports(path)
    names, texts = names_in(path)
    above, finder = path.parents[:ANCESTORS], Finder(places)
    added = [place / text for text in texts for place in above if _is_folder(place / text)]
    found: set[Path] = set()
    for dots, name in names:
        if dots:
            parent = path.parents[min(dots, len(path.parents)) - 1]
            found |= {*_inside(parent, name), parent / "__init__.py"}
        else:
            found |= finder.files(name, [*above, *added])
    return frozenset(file for file in found if not _installed(str(file)))


def _inside(folder: Path, name: str) -> list[Path]:
    """Files of a module of this dotted name in one folder of the search path."""
    *packages, last = name.split(".")
    place = folder.joinpath(*packages)
    if last == "*":
        found = [*place.rglob("*.py")]
    else:
        found = [file for file in (place / f"{last}.py", place / last / "__init__.py") if file.is_file()]
    around = [folder.joinpath(*packages[: depth + 1], "__init__.py") for depth in range(len(packages))]
    return [*(file for file in around if file.is_file()), *found] if found or place.is_dir() else []


@functools.cache
def _elsewhere(name: str) -> tuple[Path, ...]:
    """The folder that a module at the top lies in where Python does not look for it by the search path alone."""
    try:
        found = importlib.util.find_spec(name) if name.isidentifier() else None  # imports nothing, as it has no parent
    except (ImportError, ValueError, AttributeError):
        return ()
    places = [*(found.submodule_search_locations or ()), *filter(None, [found.origin])] if found else []
    return tuple(Path(place).parent for place in places if os.path.isabs(place) and not _installed(place))


@functools.cache
def _installed(place: str) -> bool:
    """Whether a folder or a file belongs to an installed package or to Python itself."""
    if any(part in INSTALLED for part in Path(place).parts):
        return True
    own = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
    return place.endswith(".zip") or any(Path(place).is_relative_to(folder) for folder in own)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a text that is no path
        return False
