"""Jobs through profiles/generic: a queue of this machine runs them, and each scheduler is asked in its own words."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from checkout import ROOT

GENERIC = ROOT / "profiles" / "generic"
PROFILE = ("--profile", "profiles/generic", "--seconds-between-status-checks", "1")
ASKED = {
    "lsf": ("bsub", ["-J geometry_a_b -n 4", "rusage[mem=3000MB]", "-M 3000MB", "-W 90", "-gpu num=2"]),
    "pbs": ("qsub", ["-N geometry_a_b", "select=1:ncpus=4:mem=3000mb:ngpus=2", "walltime=90:00"]),
    "torque": ("qsub", ["-N geometry_a_b", "nodes=1:ppn=4:gpus=2", "mem=3000mb", "walltime=5400"]),
    "sge": ("qsub", ["-N geometry_a_b", "-pe smp 4", "h_vmem=750M", "h_rt=5400", "gpu=2"]),
}


@pytest.fixture
def queue(tmp_path, monkeypatch) -> Path:
    """The folder in which the queue of this machine records what was submitted."""
    folder = tmp_path / "queue"
    folder.mkdir()
    monkeypatch.setenv("VENTRAL_SCHEDULER", str(Path(__file__).with_name("local_queue.sh")))
    monkeypatch.setenv("VENTRAL_QUEUE", str(folder))
    monkeypatch.setenv("VENTRAL_STATUS_SECONDS", "1")
    return folder


def submissions(queue: Path) -> list[list[str]]:
    """Name, cores, megabytes, minutes and GPUs of every job."""
    record = queue / "submitted"
    return [line.split() for line in record.read_text().splitlines()] if record.exists() else []


def test_a_lost_job_is_tried_again_with_more(finished, queue):
    target = "results/geometry/simulated.csv"  # in a group
    (finished.folder / target).unlink()
    printed = finished.run(*PROFILE, "--", target)
    assert (finished.folder / target).exists()
    assert printed.count("Trying to restart job") == 1, printed
    lost, again = submissions(queue)
    assert lost[:2] == again[:2] == ["GROUP", "1"]
    assert [int(number) for number in again[2:4]] == [2 * int(number) for number in lost[2:4]]


def test_jobs_are_canceled_when_the_run_is_interrupted(fresh, queue):
    (queue / "submitted").touch()  # no job is lost
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # jobs of a shell in the background ignore it
    process = fresh.start(*PROFILE, "--", "results/stimuli/naturalistic.h5")
    signal.signal(signal.SIGINT, before)
    while not submissions(queue) and process.poll() is None:
        time.sleep(0.1)
    [job] = [int(path.read_text()) for path in queue.glob("stimuli*")]
    os.kill(process.pid, signal.SIGINT)
    printed, _ = process.communicate(timeout=60)
    assert process.returncode, printed
    with pytest.raises(ProcessLookupError):
        for _ in range(600):  # it ends in its own time
            os.killpg(job, 0)
            time.sleep(0.1)


def test_jobs_take_from_the_main_process_which_files_there_are_whatever_is_where_they_run(fresh, queue):
    (queue / "submitted").touch()  # no job is lost
    gone = {"source": "checkpoint", "architecture": "alexnet", "file": "late.pth", "where": 'It\'s "$HOME" `there`.'}
    fresh.configure(lambda config: config.update(missing_weights="leave_out", models=config["models"] | {"gone": gone}))
    people = {"kind": "rdm", "file": "rdms/{observer}.csv", "stimuli": "scenes", "measure": "judged"}
    fresh.configure(lambda config: config["recordings"].update(people=people))
    (fresh.folder / "rdms").mkdir()
    (fresh.folder / "rdms/a.csv").write_text(",a,b,c,d\na,0,1,1,2\nb,1,0,2,1\nc,1,2,0,1\nd,2,1,1,0\n")
    with (fresh.folder / "Snakefile").open("a") as rules:
        rules.write(
            "\nif workflow.is_main_process:\n    Path('late.pth').touch()\n    Path('rdms').rename('elsewhere')\n"
        )
    script = fresh.folder / "workflow" / "scripts" / "stimuli.py"
    script.write_text("import json\nfor path in snakemake.output:\n    json.dump(snakemake.config, open(path, 'w'))\n")
    printed = fresh.run(*PROFILE, "--", "results/stimuli/scenes.h5")
    of_job = json.loads((fresh.folder / "results/stimuli/scenes.h5").read_text())
    assert "Model gone is left out" in printed and "gone" not in of_job["models"]
    assert of_job["left_out"]["gone"]["where"] == gone["where"]


@pytest.mark.parametrize("scheduler", ASKED)
def test_each_scheduler_is_asked_for_cores_memory_time_and_gpus(tmp_path, scheduler):
    command, options = ASKED[scheduler]
    program = tmp_path / command
    program.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/asked\necho "{"Job <7> is submitted" if command == "bsub" else 7}"\n'
    )
    program.chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "VENTRAL_SCHEDULER": scheduler}
    asked = [GENERIC / "submit", "geometry_a@b", "4", "3000", "90", "2", "script"]
    printed = subprocess.check_output(asked, text=True, cwd=tmp_path, env=environment)
    assert printed == "7\n"
    words = (tmp_path / "asked").read_text()
    assert [option for option in options if option not in words] == []


@pytest.mark.parametrize(("status", "said"), [("0", "success"), ("1", "failed")])
def test_a_job_is_judged_by_the_exit_status_that_it_wrote(tmp_path, status, said):
    script, ran = tmp_path / "script", tmp_path / ".snakemake" / "cluster"
    script.write_text(f"exit {status}\n")
    (tmp_path / "qsub").write_text('#!/bin/sh\nfor script; do :; done\nJOB_ID=7 bash "$script"\necho 7\n')
    (tmp_path / "qsub").chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "VENTRAL_SCHEDULER": "sge"}
    subprocess.run([GENERIC / "submit", "a", "1", "10", "1", "0", script], cwd=tmp_path, env=environment, check=True)
    printed = subprocess.check_output([GENERIC / "status", "7"], text=True, cwd=tmp_path, env=environment)
    assert printed == f"{said}\n" and (ran / "exit.7").read_text() == f"{status}\n"


def test_a_missing_choice_is_said(tmp_path):
    environment = {key: value for key, value in os.environ.items() if key != "VENTRAL_SCHEDULER"}
    called = subprocess.run([GENERIC / "cancel", "7"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert called.returncode == 1 and "VENTRAL_SCHEDULER" in called.stderr
