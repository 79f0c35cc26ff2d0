"""No two modules of the library or of the tests have one name, and no modules import each other."""

import ast
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path

from checkout import ROOT

LIBRARY = ROOT / "workflow"
MODULES = {
    ".".join(path.relative_to(LIBRARY).with_suffix("").parts).removesuffix(".__init__"): path
    for path in (LIBRARY / "ventral").rglob("*.py")
}


def imported(path: Path) -> set[str]:
    """The modules of the library that a module imports anywhere, except for types only."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    nodes = [*ast.walk(tree)]
    names = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            inside = {f"{node.module}.{name.name}" for name in node.names}
            names |= inside if inside <= {*MODULES} else inside | {node.module}
    return names & {*MODULES}


def test_no_modules_import_each_other():
    assert len([*TopologicalSorter({name: imported(path) for name, path in MODULES.items()}).static_order()]) > 200


def test_no_two_modules_have_one_name():
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path.parent.name != "additions"]
    for paths in (MODULES.values(), tests):
        names = Counter(path.stem for path in paths if path.stem not in ("__init__", "conftest"))
        assert [name for name, count in names.items() if count > 1] == []
