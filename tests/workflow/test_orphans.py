"""Jobs that outlive their run: the next run lets them end, and the results are those of an undisturbed run."""

import os
import signal
import time

import pandas as pd

SLOW = """
import time
from pathlib import Path
Path("started").touch()
while not Path("go").exists():
    time.sleep(0.05)
"""


def test_a_run_waits_for_the_jobs_of_a_run_whose_main_process_alone_was_killed(fresh, undisturbed):
    script = fresh.folder / "workflow/scripts/stimuli.py"
    text = script.read_text()
    script.write_text(SLOW + text)  # the job writes its output when it is told to
    first = fresh.start("--cores", "1")
    wait_for(lambda: (fresh.folder / "started").exists(), first)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    left = fresh.folder / "results/stimuli/.ventral-scenes.abcdefgh.h5"  # of a job that was killed too
    left.parent.mkdir(parents=True, exist_ok=True)
    left.touch()

    script.write_text(text)
    second = fresh.start()
    lines = []
    while "left jobs at work" not in (lines or [""])[-1]:
        lines.append(second.stdout.readline())
        assert lines[-1], "".join(lines)
    assert "stimuli:stimuli=" in lines[-1]
    assert not list((fresh.folder / "results/stimuli").glob("[!.]*.h5")) and second.poll() is None
    (fresh.folder / "go").touch()
    printed, _ = second.communicate(timeout=600)
    assert second.returncode == 0, printed
    assert not left.exists()
    first.stdout.close()

    tables, expected = fresh.tables(), undisturbed.tables()
    assert tables.keys() == expected.keys()
    for name in expected:
        pd.testing.assert_frame_equal(tables[name], expected[name], obj=name)


def wait_for(happened, process, seconds=120):
    end = time.monotonic() + seconds
    while not happened():
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.05)
