"""A copy of the project that a test can run, change and kill."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml
from checkout import ROOT

PROJECT = ("Snakefile", "config.yaml", "workflow", "profiles", "envs")


@dataclass(frozen=True)
class Study:
    """A copy of the project with a configuration of its own."""

    folder: Path
    snakemake: tuple[str, ...] = ("-m", "snakemake")  # the interpreter's arguments that start it

    @property
    def config(self) -> dict:
        return yaml.safe_load((self.folder / "config.yaml").read_text())

    def configure(self, change: Callable[[dict], None]) -> None:
        """Change the configuration in place."""
        config = self.config
        change(config)
        (self.folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))

    def start(self, *arguments: str, stdout: int = subprocess.PIPE) -> subprocess.Popen:
        """Start Snakemake in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, *self.snakemake, "--cores", "2", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder / "workflow")},
            stdout=stdout,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, status: int = 0) -> str:
        """Run Snakemake to its end and return what it printed."""
        process = self.start(*arguments)
        try:
            printed, _ = process.communicate(timeout=600)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        assert process.returncode == status, printed
        return printed

    def files(self) -> dict[str, tuple[int, int]]:
        """What each result is: a file that was written again has another identity."""
        return {
            str(path.relative_to(self.folder / "results")): (path.stat().st_ino, path.stat().st_mtime_ns)
            for path in (self.folder / "results").rglob("*")
            if path.is_file() and not {"logs", "benchmarks"} & set(path.parts) and not path.name.startswith(".")
        }

    def rewritten(self, *arguments: str) -> set[str]:
        """Run, and name the results that the run has written."""
        before = self.files()
        self.run(*arguments)
        return {name for name, identity in self.files().items() if before.get(name) != identity}

    def planned(self, *arguments: str) -> set[str]:
        """The results that a run would write; planning takes seconds where the run takes minutes."""
        outputs = re.findall(r"^ +output: (.*)$", self.run("--dry-run", *arguments), re.MULTILINE)
        names = {path.removeprefix("results/") for line in outputs for path in line.split(", ")}
        return {name for name in names if not Path(name).name.startswith(".")}

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every CSV table of the results."""
        results = self.folder / "results"
        tables = [path for path in sorted(results.rglob("*.csv")) if "benchmarks" not in path.parts]
        return {str(path.relative_to(results)): pd.read_csv(path, keep_default_na=False) for path in tables}


def copy_project(folder: Path) -> Study:
    folder.mkdir(parents=True)
    for name in PROJECT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy2(source, folder / name)
    shutil.copy2(ROOT / "tests" / "configs" / "tiny.yaml", folder / "config.yaml")
    return Study(folder)
