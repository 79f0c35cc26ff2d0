"""A lock is cleared when its run is gone, and kept while any run is alive."""

import os
import subprocess
import sys

from ventral.killed import clear_stale_lock, note_where_jobs_run

HOLD = """
import sys
from ventral.killed import clear_stale_lock
clear_stale_lock(sys.argv[1])
print("held", flush=True)
input()
"""


def test_the_lock_of_a_killed_run_is_cleared_and_that_of_a_living_one_is_kept(tmp_path):
    lock = tmp_path / "locks" / "0.input.lock"
    lock.parent.mkdir()
    run = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout.readline() == "held\n"
    lock.touch()
    os.close(clear_stale_lock(tmp_path))
    assert lock.exists()
    run.kill()
    run.communicate()
    os.close(clear_stale_lock(tmp_path))
    assert not lock.exists()


def test_the_lock_of_a_run_on_a_cluster_stays_because_its_jobs_may_be_alive(tmp_path):
    lock = tmp_path / "locks" / "0.input.lock"
    lock.parent.mkdir()
    for on_cluster in (True, False):
        mark = clear_stale_lock(tmp_path)
        note_where_jobs_run(mark, on_cluster)
        lock.touch()
        os.close(mark)  # as when the run is killed
        os.close(clear_stale_lock(tmp_path))
        assert lock.exists() == on_cluster
