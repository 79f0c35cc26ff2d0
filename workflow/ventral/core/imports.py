"""Finds the modules that a Python file imports by parsing it, without importing or running anything."""

import ast
import functools
import importlib.util
import os
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

from ventral.core import code_hash

INSTALLED = ("site-packages", "dist-packages")
BY_NAME = ("import_module", "__import__")
ANCESTORS = 3  # how many folders above a file are searched; its own code may have added them to the search path
LONGEST_PATH = 200  # characters; longer texts are not taken for paths


def modules_behind(files: Iterable[Path], folders: Iterable[Path] = ()) -> set[Path]:
    """Python files and all modules that they import, directly or indirectly.

    Modules are searched for in the folder of the file that imports them, in the folders above it, in folders that are
    named in files that change `sys.path`, in the working folder, and on Python's search path. Python files that a
    string in the code names, for example for `runpy` or `spec_from_file_location`, are included. Installed packages and
    the standard library are not followed. A module whose whole name is computed cannot be found. If the code gives only
    the package, all modules of the package are included.

    Parameters
    ----------
    files : paths
    folders : paths
        Further folders to search.

    Returns
    -------
    set of paths
        The files themselves, and the files of the modules.
    """
    first, places = [Path(os.path.abspath(file)) for file in files], tuple(search_path(folders))
    while True:
        found = _reached(first, places)
        added = {folder for file in found for folder in _added_folders(file)}.difference(places)
        if not added:
            return found
        places += tuple(sorted(added))


def _reached(first: list[Path], places: tuple[Path, ...]) -> set[Path]:
    found: set[Path] = set()
    waiting = [*first]
    while waiting:
        path = waiting.pop()
        if path not in found and path.is_file():
            found.add(path)
            waiting += code_hash.imports(path) if _of_library(path) else _imported(path, names_in(path), places)
    return found


class Finder:
    """Finds the user's own modules by their dotted names, and lists each folder only once.

    Parameters
    ----------
    folders : paths
        See `search_path`.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self.folders = [*folders]
        self._listed: dict[Path, set[str]] = {}

    def files(self, name: str, first: Iterable[Path] = ()) -> set[Path]:
        """The files of a module and of the packages that contain it; empty if there is no such module.

        Parameters
        ----------
        name : str
            `package.*` means every module of the package.
        first : paths
            Further folders to search.
        """
        top = name.partition(".")[0]
        if top == code_hash.LIBRARY.name:  # this copy of the library, whatever the search path contains
            return set(_inside(code_hash.LIBRARY.parent, name))
        places = dict.fromkeys([*first, *self.folders, *_elsewhere(top)])
        return {file for place in places if top in self._tops(place) for file in _inside(place, name)}

    def _tops(self, folder: Path) -> set[str]:
        """Names of the modules and packages that may be in a folder."""
        if folder not in self._listed:
            try:
                self._listed[folder] = {name.partition(".")[0] for name in os.listdir(folder)}
            except OSError:
                self._listed[folder] = set()
        return self._listed[folder]


def search_path(first: Iterable[Path] = ()) -> list[Path]:
    """Folders in which the user's own modules are searched for, those in `first` before all others."""
    python_path = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    places = [os.path.abspath(place) for place in (*first, os.getcwd(), *python_path, *filter(None, sys.path))]
    return [Path(place) for place in dict.fromkeys(places) if not _installed(place)]


@dataclass(frozen=True)
class Named:
    """The modules and paths that a Python file names.

    Attributes
    ----------
    modules : frozenset of (int, str)
        What it imports: the number of leading dots, and the dotted name. `from a import b` names both `a` and `a.b`,
        and `from a import *` names both `a` and `a.*`.
    texts : frozenset of str
        Its string constants that may be paths.
    changes_path : bool
        Whether it may change `sys.path`.
    """

    modules: frozenset[tuple[int, str]] = frozenset()
    texts: frozenset[str] = frozenset()
    changes_path: bool = False


def names_in(path: Path) -> Named:
    """The modules and paths that a Python file names; empty if it cannot be parsed."""
    state = path.stat()
    return _names_in(path, state.st_size, state.st_mtime_ns, state.st_ctime_ns)


@functools.cache
def _names_in(path: Path, size: int, modified: int, changed: int) -> Named:
    """As `names_in`; the file is parsed again if its size or one of its times has changed."""
    try:
        nodes = [*ast.walk(ast.parse(path.read_bytes()))] if path.suffix == ".py" else []
    except (SyntaxError, ValueError, OSError, RecursionError):
        return Named()
    importers = {*BY_NAME} | {alias.asname for node in nodes for alias in _aliases(node) if alias.name in BY_NAME}
    modules = frozenset(name for node in nodes for name in imported_names(node, importers))
    texts = (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return Named(
        modules,
        frozenset(text for text in texts if 0 < len(text) < LONGEST_PATH),
        not modules.isdisjoint({(0, "sys"), (0, "site")}),
    )


def imported_names(node: ast.AST, importers: Iterable[str] = BY_NAME) -> Iterator[tuple[int, str]]:
    """The modules that one node of a syntax tree imports, in the form of `Named.modules`.

    Parameters
    ----------
    node : AST
    importers : names
        Functions that import the module that their first argument names.
    """
    if isinstance(node, ast.Import):
        yield from ((0, alias.name) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        start = f"{node.module}." if node.module else ""
        yield from ((node.level, name) for name in (node.module, *(start + alias.name for alias in node.names)) if name)
    elif isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        named = {keyword.arg: keyword.value for keyword in node.keywords} | dict(
            zip(("name", "package"), node.args, strict=False)
        )
        if called in importers and "name" in named:
            yield from _named_by(named["name"], named.get("package"))


def _aliases(node: ast.AST) -> list[ast.alias]:
    return node.names if isinstance(node, ast.ImportFrom) else []


def _named_by(argument: ast.expr, package: ast.expr | None) -> Iterator[tuple[int, str]]:
    """The module that an argument of `import_module` names; `package.*` if the code gives only the package."""
    text, rest = _beginning(argument)
    name = text.lstrip(".")
    dots = len(text) - len(name)
    if rest:
        name = ".".join([*name.split(".")[:-1], "*"])
    if dots and isinstance(package, ast.Constant) and isinstance(package.value, str):
        around = package.value.split(".")
        dots, name = 0, ".".join([*around[: len(around) - dots + 1], name])
    if name and (dots or name != "*"):
        yield dots, name


def _beginning(text: ast.expr) -> tuple[str, bool]:
    """The constant beginning of a text that the code may compute, and whether more follows."""
    match text:
        case ast.Constant(value=str(written)):
            return written, False
        case ast.JoinedStr(values=[ast.Constant(value=str(written)), *_]):
            return written, True
        case ast.BinOp(left=left, op=ast.Add()):
            return _beginning(left)[0], True
        case ast.BinOp(left=left, op=ast.Mod()):
            return _beginning(left)[0].partition("%")[0], True
        case ast.Call(func=ast.Attribute(value=written, attr="format")):
            return _beginning(written)[0].partition("{")[0], True
    return "", True


@functools.cache
def _imported(path: Path, named: Named, places: tuple[Path, ...]) -> frozenset[Path]:
    """The files that one file imports, and the Python files that its string constants name."""
    above, finder = path.parents[:ANCESTORS], Finder(places)
    codes = [text for text in named.texts if text.endswith(".py")]
    added = _folders_named(path, named) if codes or named.changes_path else []
    found = {place / text for text in codes for place in (*above, *added, *places) if _is(Path.is_file, place / text)}
    for dots, name in named.modules:
        if dots:
            parent = path.parents[min(dots, len(path.parents)) - 1]
            found |= {*_inside(parent, name), parent / "__init__.py"}
        else:
            found |= finder.files(name, [*above, *added])
    return frozenset(Path(os.path.abspath(file)) for file in found if not _installed(str(file)))


def _added_folders(path: Path) -> list[Path]:
    """Folders that a file may add to the search path."""
    if _of_library(path):
        return []
    named = names_in(path)
    return _folders_named(path, named) if named.changes_path else []


def _folders_named(path: Path, named: Named) -> list[Path]:
    """Folders that a file names by absolute paths, or relative to its folder, those above it, or the working folder."""
    seen_from = (*path.parents[:ANCESTORS], Path.cwd())
    places = [place / text.lstrip("/") for text in named.texts for place in seen_from]
    places += [Path(text) for text in named.texts if os.path.isabs(text)]
    return [Path(os.path.abspath(place)) for place in places if _is(Path.is_dir, place)]


def _inside(folder: Path, name: str) -> list[Path]:
    """Files of the module with this dotted name, if it is in this folder of the search path."""
    *packages, last = name.split(".")
    place = folder.joinpath(*packages)
    if last == "*":
        found = [*(place.rglob if packages or (place / "__init__.py").is_file() else place.glob)("*.py")]
    else:
        files = [place / last / "__init__.py", *(place / f"{last}{suffix}" for suffix in (".py", *EXTENSION_SUFFIXES))]
        found = [file for file in files if file.is_file()]
    around = [folder.joinpath(*packages[: depth + 1], "__init__.py") for depth in range(len(packages))]
    return [*(file for file in around if file.is_file()), *found] if found or place.is_dir() else []


@functools.cache
def _elsewhere(name: str) -> tuple[Path, ...]:
    """Folders of a top-level module that Python finds in another way than by the search path."""
    try:
        found = importlib.util.find_spec(name) if name.isidentifier() else None  # imports nothing
    except (ImportError, ValueError, AttributeError):
        return ()
    places = [*(found.submodule_search_locations or ()), *filter(None, [found.origin])] if found else []
    return tuple(Path(place).parent for place in places if os.path.isabs(place) and not _installed(place))


@functools.cache
def _installed(place: str) -> bool:
    """Whether a folder or a file belongs to an installed package or to Python itself."""
    if any(part in INSTALLED for part in Path(place).parts):
        return True
    standard = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
    return place.endswith(".zip") or any(Path(place).is_relative_to(folder) for folder in standard)


def _of_library(path: Path) -> bool:
    return path.is_relative_to(code_hash.LIBRARY)


def _is(kind: Callable[[Path], bool], path: Path) -> bool:
    """Whether a path is a file or a folder; False for a text that cannot be a path."""
    try:
        return kind(path)
    except (OSError, ValueError):
        return False
