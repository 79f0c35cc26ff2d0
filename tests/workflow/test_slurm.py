"""The same study through a real Slurm of one node: same tables, and a canceled job is not lost."""

import os
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

SCRIPT = Path(__file__).with_name("one_node_slurm.sh")
PROFILE = ("--profile", "profiles/slurm", "--slurm-init-seconds-before-status-checks", "1")

# The Slurm plugin waits ten seconds longer after every look that finds no job ended; here it looks every second.
SNAKEMAKE = """
from snakemake.cli import main
from snakemake_executor_plugin_slurm import Executor
Executor.next_seconds_between_status_checks = property(lambda self: 1, lambda self, seconds: None)
main()
"""


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    """A running Slurm; skips where none can be started."""
    absent = pytest.fail if os.environ.get("VENTRAL_SLURM") == "required" else pytest.skip
    if os.geteuid() or not all(map(shutil.which, ("slurmctld", "slurmd", "munged", "sbatch"))):
        absent("needs root and Debian's packages slurm-wlm and munge, to start a Slurm of one node")
    folder = tmp_path_factory.mktemp("slurm")
    try:
        started = subprocess.run([SCRIPT, "start", folder], capture_output=True, text=True)
        if started.returncode:
            absent(started.stderr)
        yield folder
    finally:
        subprocess.run([SCRIPT, "stop", folder], check=True)


@pytest.fixture
def study(slurm, fresh):
    """The tiny study before its first run, for a Snakemake that notices at once that a Slurm job has ended."""
    return replace(fresh, snakemake=("-c", SNAKEMAKE))


def queue(format: str) -> list[str]:
    listed = subprocess.run(["squeue", "--noheader", f"--format={format}"], capture_output=True, text=True, check=True)
    return listed.stdout.split()


def asked_for(process: subprocess.Popen) -> str:
    """What the first job of a run asks Slurm for beside cores and memory; jobs that ended are listed for a while."""
    asked = ""
    while "gpu" not in asked and process.poll() is None:
        shown = ["scontrol", "--oneliner", "show", "job", ",".join(queue("%i"))]
        listed = subprocess.run(shown, capture_output=True, text=True).stdout if shown[-1] else ""
        asked = " ".join(word for word in listed.split() if word.startswith("TresPer"))
        time.sleep(0.2)
    return asked


def test_tables_equal_those_of_a_local_run(study, undisturbed):
    expected = undisturbed.tables()
    study.run(*PROFILE, "--", *(f"results/{name}" for name in expected))
    tables = study.tables()
    assert tables.keys() == expected.keys()
    for name in expected:
        pd.testing.assert_frame_equal(tables[name], expected[name], obj=name)


def test_a_cancelled_job_is_reported_and_the_rerun_finishes(study):
    target = "results/stimuli/scenes.h5"
    process = study.start(*PROFILE, "--retries", "0", "--", target)
    while not (running := queue("%i")) and process.poll() is None:
        time.sleep(0.2)
    assert running
    subprocess.run(["scancel", *running], check=True)
    printed, _ = process.communicate(timeout=600)
    assert process.returncode == 1
    assert "Error in rule stimuli" in printed and "CANCELLED" in printed
    study.run(*PROFILE, target)
    assert (study.folder / target).exists()


def test_a_job_that_is_killed_for_memory_passes_at_its_second_attempt(study, slurm):
    target = "results/stimuli/scenes.h5"
    printed = study.run(*PROFILE, "--set-resources", "stimuli:mem_mb=100 * attempt ** 4", "--", target)
    assert printed.count("Trying to restart job") == 1, printed
    assert "exceeded memory limit" in (slurm / "log" / "slurmd.log").read_text()
    assert (study.folder / target).exists()


def test_jobs_that_need_a_gpu_ask_for_one(study):
    study.run("results/stimuli/scenes.h5")
    study.configure(lambda config: config.update(device="cuda"))
    targets = (f"results/gram/scenes/squeezenet/features.{i}.h5" for i in (11, 12))
    process = study.start(*PROFILE, "--retries", "0", "--", *targets)
    asked = asked_for(process)
    assert asked.endswith("gpu:1")
    subprocess.run(["scancel", *queue("%i")], check=True)
    process.communicate(timeout=600)


def test_a_network_that_trains_in_two_processes_asks_for_two_gpus(study):
    network = {"objective": "mmcr", "lambda": [0], "data": {"stimuli": "scenes"}, "architecture": "squeezenet1_1"}
    network |= {"size": 64, "batch": 8, "processes": 2}

    def change(config):
        config |= {"device": "cuda", "recordings": {}}
        config["networks"] = {"shared": network}

    study.run("results/stimuli/scenes.h5")
    study.configure(change)
    process = study.start(*PROFILE, "--retries", "0", "--", "results/networks/shared_lambda0_seed0/network.pth")
    asked = asked_for(process)
    running = queue("%i")
    if running:
        subprocess.run(["scancel", *running], check=True)
    printed, _ = process.communicate(timeout=600)
    assert asked.endswith("gpu:2"), printed  # and not the one that the profile lets jobs share
