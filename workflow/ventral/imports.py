"""Which modules a Python file imports, read from its text: nothing is imported and nothing is run."""

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

from ventral import stages

INSTALLED = ("site-packages", "dist-packages")
BY_NAME = ("import_module", "__import__")
ANCESTORS = 3  # folders above a file that its own code may have put on the search path
LONGEST_PATH = 200  # characters of a text that may be a path


def modules_behind(files: Iterable[Path], folders: Iterable[Path] = ()) -> set[Path]:
    """Some Python files, and all modules that they import, directly or through each other.

    Modules are looked for beside the file that imports them, in the folders above it, in folders that any of the files
    names where it changes `sys.path`, in the working folder, and wherever Python looks. A Python file that a
    text in the code names, as for `runpy` or `spec_from_file_location`, counts too. Installed packages and the
    standard library are not followed. Modules that are imported under a name that is computed cannot be seen, unless
    the name begins with a package that is written out; then all modules of that package count.

    Parameters
    ----------
    files : paths
    folders : paths
        Further folders to look in.
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
            waiting += stages.imports(path) if _of_library(path) else _imported(path, names_in(path), places)
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
                self._listed[folder] = {name.partition(".")[0] for name in os.listdir(folder)}
            except OSError:
                self._listed[folder] = set()
        return self._listed[folder]


def search_path(first: Iterable[Path] = ()) -> list[Path]:
    """Folders in which the user's own modules are looked for."""
    python_path = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    places = [os.path.abspath(place) for place in (*first, os.getcwd(), *python_path, *filter(None, sys.path))]
    return [Path(place) for place in dict.fromkeys(places) if not _installed(place)]


@dataclass(frozen=True)
class Named:
    """What the text of a Python file names.

    Attributes
    ----------
    modules : frozenset of (int, str)
        What it imports, as number of leading dots and dotted name. Of `from a import b` both `a` and `a.b` are named,
        of `from a import *` both `a` and `a.*`.
    texts : frozenset of str
        Its texts that may be paths.
    changes_path : bool
        Whether it may change `sys.path`.
    """

    modules: frozenset[tuple[int, str]] = frozenset()
    texts: frozenset[str] = frozenset()
    changes_path: bool = False


def names_in(path: Path) -> Named:
    """What a Python file names; nothing if it cannot be parsed."""
    state = path.stat()
    return _names_in(path, state.st_size, state.st_mtime_ns, state.st_ctime_ns)


@functools.cache
def _names_in(path: Path, size: int, modified: int, changed: int) -> Named:
    """As `names_in`; the size and the times of the file tell when it must be read again."""
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
    """What one node of a syntax tree imports, as `Named.modules`.

    Parameters
    ----------
    node : AST
    importers : names
        Functions that import what their first argument names.
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
    """The module that an argument of `import_module` names; all of a package where only the package is written out."""
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
    """How a text begins that the code writes out or computes, and whether more follows."""
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
    """Files that one file imports, and Python files that its texts name."""
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
    """Folders that a file may have put on the search path."""
    if _of_library(path):
        return []
    named = names_in(path)
    return _folders_named(path, named) if named.changes_path else []


def _folders_named(path: Path, named: Named) -> list[Path]:
    """Folders that the texts of a file name, as seen from its own folder, those above, and the working folder."""
    seen_from = (*path.parents[:ANCESTORS], Path.cwd())
    places = [place / text.lstrip("/") for text in named.texts for place in seen_from]
    places += [Path(text) for text in named.texts if os.path.isabs(text)]
    return [Path(os.path.abspath(place)) for place in places if _is(Path.is_dir, place)]


def _inside(folder: Path, name: str) -> list[Path]:
    """Files of a module of this dotted name in one folder of the search path."""
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


def _of_library(path: Path) -> bool:
    return path.is_relative_to(stages.LIBRARY)


def _is(kind: Callable[[Path], bool], path: Path) -> bool:
    """Whether a path is of a kind; a text that can be no path is of none."""
    try:
        return kind(path)
    except (OSError, ValueError):
        return False
