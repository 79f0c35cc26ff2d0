"""Hashes the code that the results of a stage depend on: its script and every module that it imports."""

import ast
import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path

from ventral.core.discover import binding

LIBRARY = Path(__file__).parents[1]
SCRIPTS = LIBRARY.parent / "scripts"
DATA = (".json", ".yaml", ".j2", ".css", ".js", ".bib")
INSIDE = ("discover", *DATA)  # what an expression that names a module or a file contains
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")  # of statements


def stage_hash(stage: str) -> str:
    """Hash of the code behind one stage: its script and every module of ventral that it imports.

    Snakemake compares scripts by modification time and ignores imported modules. This hash is therefore a parameter of
    each rule, so results are made again exactly when the text of their code has changed.
    """
    digest = hashlib.sha256()
    for path in sorted(sources(SCRIPTS / f"{stage}.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def sources(script: Path) -> set[Path]:
    """The script, the modules of ventral that it imports, what they import, and the data files beside them."""
    reached: set[Path] = set()
    waiting = {script}
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            waiting |= imports(path)
    return reached


@functools.cache
def imports(path: Path) -> frozenset[Path]:
    """Files of ventral that one file imports, at its top or inside its functions, packages included.

    Modules that `ventral.core.discover` finds for it count as imported.
    """
    if path.suffix != ".py":
        return frozenset()
    names, inside, text = set(), set(), path.read_text()
    tree = ast.parse(text)
    for node in ast.walk(tree) if any(word in text for word in INSIDE) else _statements(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "discover":
            package, name = (argument.value for argument in node.args)
            folder = LIBRARY.joinpath(*package.split(".")[1:])
            names |= {f"{package}.{file.stem}" for file in binding(folder, name)}
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(DATA):
            names.add(node.value)
        elif isinstance(node, ast.Name) and node.id == "discovered":  # imports every module of its package
            inside = set(path.parent.glob("*.py"))
    return frozenset(file for name in names for file in _files(name, path)) | inside


def _statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Every statement, without the expressions inside, which are most of a tree."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for block in BLOCKS:
            waiting += getattr(node, block, ())


def _files(name: str, importer: Path) -> frozenset[Path]:
    if name.endswith(DATA):
        return frozenset({importer.parent / name} if (importer.parent / name).is_file() else ())
    return _modules(name) if name.partition(".")[0] == LIBRARY.name else frozenset()


@functools.cache
def _modules(name: str) -> frozenset[Path]:
    """Files of a module of ventral and of the packages around it; none if `name` is an attribute of a module."""
    parts = name.split(".")
    files = {LIBRARY.joinpath(*parts[1:depth], "__init__.py") for depth in range(1, len(parts) + 1)}
    files.add(LIBRARY.joinpath(*parts[1:]).with_suffix(".py") if len(parts) > 1 else LIBRARY / "__init__.py")
    return frozenset(file for file in files if file.is_file())
