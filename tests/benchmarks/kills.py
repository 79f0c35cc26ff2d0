"""A campaign of kills: a small study is killed at random times, run again, and compared with an undisturbed run.

    python tests/benchmarks/kills.py [--kills 30] [--seed 0]

Three sorts of kills (SIGKILL) alternate: of the whole process group, as by a power cut or `kill -9` of a session; of
the main process alone, whose jobs go on; and of one job. After each the same command is run again, at once. A study
that was completed is compared with the undisturbed one: tables by their bytes, HDF5 files by all that they hold,
and no temporary file may be left. Then the next copy of the study is begun, until there were as many kills as asked
for. A run takes about a minute on two cores.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import h5py
import numpy as np

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT / "tests" / "workflow"), str(ROOT / "tests" / "helpers"), str(ROOT / "workflow")]

from study import Study, copy_project  # noqa: E402

from ventral.core.files import PARTIAL  # noqa: E402

SORTS = {"group": "the process group", "main": "the main process alone", "job": "one job"}
STUDY = {
    "seed": 1,
    "device": "cpu",
    "stimuli": {
        "scenes": {"kind": "scenes", "base_scenes": 4, "levels": 3, "parameters": ["pose"], "size": 32},
        "naturalistic": {"kind": "scenes", "base_scenes": 12, "size": 32},
    },
    "models": {"pixels": {"source": "python", "factory": "ventral.models.baselines:pixels", "layers": ["pixels"]}},
    "recordings": {"simulated": {"kind": "simulated", "stimuli": "naturalistic", "units": 4, "repeats": 2}},
    "predictivity": {"splits": {"kind": "kfold", "folds": 2}},
}
TARGETS = [f"results/summary/{name}.csv" for name in ("layers", "recordings", "similarity")]


def main() -> None:
    chosen = arguments()
    rng, kills, equal, faults = random.Random(chosen.seed), Counter(), 0, []
    with tempfile.TemporaryDirectory() as folder:
        undisturbed = fresh(Path(folder, "undisturbed"))
        start = time.monotonic()
        undisturbed.run(*TARGETS)
        expected = contents(undisturbed)
        print(f"undisturbed: {time.monotonic() - start:.0f} s, {len(expected)} files", flush=True)
        for copy in range(chosen.kills):
            study = fresh(Path(folder, f"copy{copy}"))
            kills += killed_until_done(study, rng, chosen.kills - kills.total())
            found = differences(contents(study), expected) + left_over(study)
            equal += not found
            faults += [f"copy {copy}: {one}" for one in found]
            print(f"copy {copy}: {kills.total()} kills so far, {len(found)} differences", flush=True)
            if kills.total() >= chosen.kills:
                break
    listed = ", ".join(f"{kills[sort]} of {what}" for sort, what in SORTS.items())
    print(f"{kills.total()} kills ({listed}); {equal} of {copy + 1} studies equal the undisturbed one.")
    print(*faults, sep="\n")
    sys.exit(bool(faults))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def fresh(folder: Path) -> Study:
    """The small study before its first run."""
    study = copy_project(folder)
    study.configure(lambda config: (config.clear(), config.update(STUDY)))
    return study


def killed_until_done(study: Study, rng: random.Random, most: int) -> Counter:
    """Run the study again and again until one run comes to its end.

    Each is killed up to three seconds after it has made a random number of files, so that kills fall on all stages,
    however fast the machine is.
    """
    kills: Counter = Counter()
    while kills.total() < most:
        sort = list(SORTS)[(most - kills.total()) % len(SORTS)]
        run = study.start(*TARGETS, stdout=subprocess.DEVNULL)
        wanted = len(made(study)) + rng.randint(0, 4)
        while run.poll() is None and len(made(study)) < wanted:
            time.sleep(0.02)
        end = time.monotonic() + rng.uniform(0, 3)
        while run.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        if run.poll() == 0:
            return kills
        kills[sort] += kill(run, sort, rng)
    study.run(*TARGETS)
    return kills


def kill(run: subprocess.Popen, sort: str, rng: random.Random) -> bool:
    """Kill a run or a job of it, and wait for the run's end; whether there was anything to kill."""
    try:
        if sort == "group":
            os.killpg(run.pid, signal.SIGKILL)
        elif sort == "main":
            os.kill(run.pid, signal.SIGKILL)
        else:
            os.kill(rng.choice(jobs_of(run)), signal.SIGKILL)
    except (ProcessLookupError, IndexError):  # it has just ended, or no job is at work
        run.wait()
        return False
    run.wait()
    return True


def jobs_of(run: subprocess.Popen) -> list[int]:
    """Processes that a run has started and that are at work."""
    found = []
    for task in Path(f"/proc/{run.pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found


def contents(study: Study) -> dict[str, object]:
    """What each table and each HDF5 file of the results holds."""
    return {str(path.relative_to(study.folder)): held(path) for path in made(study)}


def made(study: Study) -> list[Path]:
    """The tables and the HDF5 files that are made so far."""
    found = sorted((study.folder / "results").rglob("[!.]*.*"))
    return [path for path in found if path.suffix in (".csv", ".parquet", ".h5")]


def held(path: Path) -> object:
    if path.suffix != ".h5":
        return path.read_bytes()
    found: dict[str, object] = {}

    def visit(name: str, item: h5py.Dataset | h5py.Group) -> None:
        found.update({f"{name}@{key}": np.asarray(value).tolist() for key, value in item.attrs.items()})
        if isinstance(item, h5py.Dataset):
            values = np.asarray(item[()])
            found[name] = (str(item.dtype), item.shape, values.tolist() if values.dtype.hasobject else values.tobytes())

    with h5py.File(path) as file:
        visit("", file)
        file.visititems(visit)
    return found


def differences(found: dict[str, object], expected: dict[str, object]) -> list[str]:
    names = sorted({*found, *expected})
    return [f"{name} differs" for name in names if found.get(name) != expected.get(name)]


def left_over(study: Study) -> list[str]:
    paths = (path for path in (study.folder / "results").rglob("*") if PARTIAL.fullmatch(path.name))
    return [f"{path.relative_to(study.folder)} is left" for path in paths]


if __name__ == "__main__":
    main()
