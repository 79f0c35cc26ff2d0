"""What each job imports before it works: every job pays for it, however small its layers are."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from ventral.core.code_hash import LIBRARY, SCRIPTS

HEAVY = {  # packages that take 0.03 s of processor time or more
    *("torch", "torchvision", "timm", "scipy", "sklearn", "statsmodels", "altair", "matplotlib", "PIL", "pandas"),
    *("pyarrow", "xarray", "h5netcdf", "nibabel", "trimesh", "embreex", "av", "pydantic", "jsonschema", "requests"),
    *("cupy", "boto3", "botocore", "snakemake", "pooch", "joblib"),
}
TABLES = frozenset({"pandas"})
NEEDED = {
    **dict.fromkeys(("activations", "gram", "provenance"), frozenset()),
    **dict.fromkeys(("geometry", "recording_geometry", "stimuli"), TABLES | {"PIL"}),
    **dict.fromkeys(("curve", "figures"), TABLES | {"matplotlib"}),
    "report": TABLES | {"PIL", "matplotlib"},
}


def at_import(statements: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Imports that are carried out when a module is imported."""
    for statement in statements:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            yield statement
        elif isinstance(statement, ast.If | ast.Try | ast.With) and "TYPE_CHECKING" not in ast.unparse(statement):
            yield from at_import(statement.body)


def modules(name: str) -> list[Path]:
    """Files of a module of the library and of the packages around it."""
    parts = name.split(".")[1:]
    packages = [LIBRARY.joinpath(*parts[:depth], "__init__.py") for depth in range(len(parts) + 1)]
    return [file for file in (*packages, LIBRARY.joinpath(*parts).with_suffix(".py")) if file.is_file()]


def imported(script: Path) -> set[str]:
    """Packages outside the library that a script imports before it works, directly or through the library."""
    reached, waiting, packages = set(), [script], set()
    while waiting:
        if (file := waiting.pop()) in reached:
            continue
        reached.add(file)
        for node in at_import(ast.parse(file.read_text()).body):
            names = [alias.name for alias in node.names]
            if isinstance(node, ast.ImportFrom):
                names = [node.module, *(f"{node.module}.{name}" for name in names)]
            packages |= {name.partition(".")[0] for name in names}
            waiting += [found for name in names if name.startswith(LIBRARY.name) for found in modules(name)]
    return packages


@pytest.mark.parametrize("script", sorted(SCRIPTS.glob("*.py")), ids=lambda script: script.stem)
def test_a_job_imports_no_heavy_package_before_it_needs_one(script):
    assert imported(script) & HEAVY <= NEEDED.get(script.stem, TABLES)
