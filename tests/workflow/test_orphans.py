"""Jobs that outlive their run: the next run lets them end, and late ones end themselves."""

import os
import signal
import time

import numpy as np
import pytest

from ventral.stimuli import open_images

TARGET = "results/stimuli/scenes.h5"
HELD = """
import time
from pathlib import Path
Path("started").touch()
while not Path("go").exists():
    time.sleep(0.05)
"""
INSIDE = "with logged(snakemake.log[0]):"


@pytest.fixture
def orphan(fresh, request):
    """The study after its main process alone was killed, with a job at work that writes nothing until it is told to."""
    script = fresh.folder / "workflow/scripts/stimuli.py"
    text = script.read_text()
    marked = text.replace(INSIDE, f"{INSIDE}\n" + HELD.replace("\n", "\n    "))
    script.write_text(marked if request.param == "marked" else HELD + text)
    run = fresh.start(TARGET)
    end = time.monotonic() + 120
    while not (fresh.folder / "started").exists():
        assert run.poll() is None and time.monotonic() < end
        time.sleep(0.05)
    os.kill(run.pid, signal.SIGKILL)
    script.write_text(text)
    yield fresh, run
    (fresh.folder / "go").touch()
    run.communicate()  # which lasts until the job has ended


@pytest.mark.parametrize("orphan", ["marked"], indirect=True)
def test_a_run_waits_for_the_jobs_of_a_run_whose_main_process_alone_was_killed(orphan, undisturbed):
    study, _ = orphan
    left = study.folder / "results/stimuli/.ventral-scenes.abcdefgh.h5"  # of a job that was killed too
    left.parent.mkdir(parents=True, exist_ok=True)
    left.touch()
    study.run("--dry-run", TARGET)  # waits for nothing
    study.run("other/stimuli/scenes.h5", "--config", "results=other")  # another study, which waits for nothing
    assert left.exists() and not (study.folder / TARGET).exists()
    run = study.start(TARGET)
    lines = [""]
    while "left jobs at work" not in lines[-1]:
        lines.append(run.stdout.readline())
        assert lines[-1], "".join(lines)
    assert "results/logs/stimuli/scenes.log" in lines[-1]
    assert not (study.folder / TARGET).exists() and run.poll() is None
    (study.folder / "go").touch()
    printed, _ = run.communicate(timeout=600)
    assert run.returncode == 0, printed
    assert not left.exists()
    same_images(study, undisturbed)


@pytest.mark.parametrize("orphan", ["not marked yet"], indirect=True)
def test_a_job_that_begins_after_another_run_ends_itself(orphan, undisturbed):
    study, killed = orphan
    study.run(TARGET)
    made = study.files()
    (study.folder / "go").touch()
    printed, _ = killed.communicate(timeout=300)
    assert "results/logs/stimuli/scenes.log ends, because the run that started it was killed" in printed
    assert study.files() == made
    same_images(study, undisturbed)


def same_images(study, undisturbed):
    with open_images(study.folder / TARGET) as images, open_images(undisturbed.folder / TARGET) as expected:
        assert np.array_equal(images[:], expected[:])
