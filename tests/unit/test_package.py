"""The installed package is complete: it works without the repository and declares what it imports."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from checkout import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from sound_config import GOOD

LIBRARY = ROOT / "workflow" / "ventral"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DECLARED = {canonicalize_name(one.name): one for one in map(Requirement, PROJECT["dependencies"])}

FROM_ANY_FOLDER = """
import numpy as np
import ventral
from ventral.geometry import spectrum
from ventral.gram import gram
from ventral.report.page import FOLDER, PARTS, TEMPLATE

assert TEMPLATE.is_file() and all((FOLDER / part).is_file() for part in PARTS)
assert spectrum(gram(np.eye(4))).effective_dimensionality > 2.9
print(ventral.__file__)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of a copy of the sources, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, folder)
    shutil.copytree(LIBRARY, folder / "workflow" / "ventral", ignore=shutil.ignore_patterns("__pycache__"))
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--wheel-dir", str(folder / "built")]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(folder)], check=True)
    (built,) = (folder / "built").iterdir()
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> dict[str, str]:
    """The environment of a process that finds only the library in the wheel."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return {**os.environ, "PYTHONPATH": str(folder)}


def test_the_wheel_contains_every_file_of_the_library(wheel):
    there = {file for file in LIBRARY.rglob("*") if file.is_file() and "__pycache__" not in file.parts}
    with zipfile.ZipFile(wheel) as archive:
        contained = {name for name in archive.namelist() if name.startswith("ventral/")}
    assert contained == {str(file.relative_to(LIBRARY.parent)) for file in there}


@pytest.mark.slow
def test_the_library_and_the_command_run_from_any_folder(installed, tmp_path):
    import yaml

    def run(*arguments: str, status: int = 0) -> str:
        finished = subprocess.run(
            [sys.executable, *arguments], env=installed, cwd=tmp_path, capture_output=True, text=True
        )
        assert finished.returncode == status, finished.stderr
        return finished.stdout + finished.stderr

    assert run("-c", FROM_ANY_FOLDER).startswith(installed["PYTHONPATH"])
    assert "check" in run("-m", "ventral", "--help")
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(GOOD))
    assert "config.yaml" in run("-m", "ventral", "check")
    (tmp_path / "wrong.yaml").write_text(yaml.safe_dump(GOOD | {"sed": 1}))
    assert re.search(r"^  sed: .*'seed'", run("-m", "ventral", "check", "wrong.yaml", status=1), re.MULTILINE)


def test_every_import_is_a_declared_dependency():
    distributions = packages_distributions()
    imported = {
        name.partition(".")[0]
        for file in LIBRARY.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom) and not node.level
            else []
        )
    }
    outside = imported - {*sys.stdlib_module_names, "ventral", "cupy"}
    needed = {canonicalize_name(distributions[name][0]) for name in outside}
    extras = [Requirement(one) for one in PROJECT["optional-dependencies"]["workflow"]]
    assert needed <= {*DECLARED, *(canonicalize_name(extra.name) for extra in extras)}


def test_the_pins_are_not_older_than_the_bounds():
    lines = [line for name in ("requirements", "docs") for line in (ROOT / f"envs/{name}.txt").read_text().splitlines()]
    pins = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    pins = {canonicalize_name(name): version for name, version in pins.items()}
    extras = [Requirement(one) for extra in PROJECT["optional-dependencies"].values() for one in extra]
    for requirement in [*DECLARED.values(), *extras]:
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), requirement
