"""What a killed run leaves is cleared when it is dead, and waited for while it lives."""

import os
import subprocess
import sys

import pytest

from ventral.core.files import remove_partial, whole
from ventral.core.jobs import logged
from ventral.core.stale_lock import JOBS, RUN, STUDIES, at_work, begin_run, clear_stale_lock

HOLD_RUN = """
import sys
from ventral.core.stale_lock import begin_run, clear_stale_lock
begin_run(clear_stale_lock(sys.argv[2], sys.argv[1]), False, sys.argv[1])
print("held", flush=True)
input()
"""
HOLD_JOB = """
import sys
from ventral.core.stale_lock import at_work
with at_work(f"{sys.argv[2]}/logs/conv9.log", sys.argv[1]):
    print("held", flush=True)
    input()
"""


def start(program, folder, results="results"):
    """Start a program that prints "held" when it holds its lock, and holds it until it gets a line."""
    return subprocess.Popen(
        [sys.executable, "-c", program, folder, results],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def hold(program, folder, results="results"):
    """Start a program and wait until it holds its lock."""
    process = start(program, folder, results)
    assert process.stdout.readline() == "held\n"
    return process


def snakemake_lock(folder, results="results"):
    """A lock of Snakemake on a file in the results folder."""
    (folder / "locks").mkdir(exist_ok=True)
    lock = folder / "locks" / f"{len(list((folder / 'locks').iterdir()))}.output.lock"
    lock.write_text(f"{results}/gram/conv9.h5\n")
    return lock


@pytest.fixture(autouse=True)
def own_run(monkeypatch):
    monkeypatch.setenv(RUN, "")


def new_run(folder, on_cluster=False, results="results"):
    """What a run does before its first job; returns its mark, and whether nothing else can be at work."""
    mark = clear_stale_lock(results, folder)
    return mark, begin_run(mark, on_cluster, folder)


def test_the_lock_of_a_killed_run_is_cleared_and_that_of_a_living_one_is_kept(tmp_path):
    run = hold(HOLD_RUN, tmp_path)
    lock = snakemake_lock(tmp_path)
    mark, alone = new_run(tmp_path)
    os.close(mark)
    assert lock.exists() and not alone
    run.kill()
    run.communicate()
    mark, alone = new_run(tmp_path)
    os.close(mark)
    assert not lock.exists() and alone


def test_the_lock_of_a_run_on_a_cluster_stays_because_its_jobs_may_be_alive(tmp_path):
    for on_cluster, after_a_cluster in ((True, False), (False, True), (False, False)):
        mark, alone = new_run(tmp_path, on_cluster)
        assert alone == (not after_a_cluster)
        lock = snakemake_lock(tmp_path)
        os.close(mark)  # as when the run is killed
        os.close(clear_stale_lock("results", tmp_path))
        assert lock.exists() == on_cluster
        lock.unlink(missing_ok=True)


@pytest.mark.parametrize("other_lives", [True, False])
def test_a_run_clears_the_lock_of_its_own_study_only(tmp_path, other_lives):
    own, other = (hold(HOLD_RUN, tmp_path, results) for results in ("results", "other"))
    lock, others = (snakemake_lock(tmp_path, results) for results in ("results", "other"))
    shared = snakemake_lock(tmp_path, "results")  # of the other study, which reads a file of this one
    shared.write_text(shared.read_text() + others.read_text())
    for run in (own,) if other_lives else (own, other):
        run.kill()
        run.communicate()
    mark, alone = new_run(tmp_path)
    os.close(mark)
    assert alone and not lock.exists() and others.exists() and shared.exists() == other_lives
    other.communicate("\n" if other_lives else None)


def test_a_run_waits_for_the_jobs_of_a_killed_one_and_names_them(tmp_path):
    job = hold(HOLD_JOB, tmp_path)
    run = start(HOLD_RUN, tmp_path)
    assert "results/logs/conv9.log" in run.stderr.readline() and run.poll() is None
    job.kill()
    assert run.stdout.readline() == "held\n"
    run.communicate("\n")
    job.communicate()
    assert run.returncode == 0 and not list((tmp_path / JOBS).iterdir())


def test_a_run_does_not_wait_for_jobs_of_other_studies(tmp_path):
    job = hold(HOLD_JOB, tmp_path, "other")
    mark, alone = new_run(tmp_path)
    os.close(mark)
    assert alone and job.poll() is None
    job.communicate("\n")


def test_a_run_waits_for_its_jobs_beside_a_living_run_of_another_study(tmp_path):
    job, other = hold(HOLD_JOB, tmp_path), hold(HOLD_RUN, tmp_path, "other")
    run = start(HOLD_RUN, tmp_path)
    assert "results/logs/conv9.log" in run.stderr.readline() and run.poll() is None
    job.communicate("\n")
    assert run.stdout.readline() == "held\n"
    for process in (run, other):
        process.communicate("\n")


@pytest.mark.parametrize(("first", "second"), [("results", "results/second"), ("results/second", "results")])
def test_a_run_is_not_alone_when_one_results_folder_lies_in_another(tmp_path, first, second):
    run = hold(HOLD_RUN, tmp_path, first)
    for alone in (False, True):
        mark, found = new_run(tmp_path, results=second)
        os.close(mark)
        assert found == alone
        run.communicate(None if alone else "\n")


def test_a_job_that_starts_after_another_run_has_begun_ends_itself(tmp_path, monkeypatch):
    mark, _ = new_run(tmp_path)
    first = os.environ[RUN]
    with at_work("job", tmp_path):
        assert len(list((tmp_path / JOBS).iterdir())) == 1
    os.close(mark)
    os.close(new_run(tmp_path, results="other")[0])
    monkeypatch.setenv(RUN, first)
    with at_work("job", tmp_path):  # a run of another study takes nothing over
        pass
    os.close(new_run(tmp_path)[0])
    monkeypatch.setenv(RUN, first)
    with (
        pytest.raises(SystemExit, match="was killed"),
        at_work("job", tmp_path),
    ):
        raise AssertionError
    monkeypatch.delenv(RUN)  # by hand, or on a cluster that passes no environment on
    with at_work("job", tmp_path):
        pass
    assert not list((tmp_path / JOBS).iterdir())


def test_two_runs_side_by_side_do_not_end_each_others_jobs(tmp_path, monkeypatch):
    run = hold(HOLD_RUN, tmp_path)  # as with --nolock
    (study,) = (tmp_path / STUDIES).iterdir()
    first, _ = study.read_text().split("\n")
    mark, alone = new_run(tmp_path)
    assert not alone
    for name in (first, os.environ[RUN]):
        monkeypatch.setenv(RUN, name)
        with at_work("job", tmp_path):
            pass
    run.communicate("\n")
    os.close(mark)


def test_every_script_is_marked_while_it_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with logged("job.log"):
        assert not (tmp_path / ".snakemake").exists()  # no run of Snakemake
    (tmp_path / ".snakemake").mkdir()
    with logged("job.log"):
        (mark,) = (tmp_path / ".snakemake" / JOBS).iterdir()
        assert mark.read_text() == "job.log"
    assert not mark.exists()


def test_only_temporary_files_are_removed(tmp_path):
    kept = [".ventral-mine", ".table.12345678.csv", ".ventral-a.1234567.csv", "ventral-a.12345678.csv", ".hidden"]
    for name in kept:
        (tmp_path / name).touch()
    (tmp_path / "dead" / "deep").mkdir(parents=True)
    written = ("a.csv", "b.h5", "c", "x" * 240 + ".csv", "layer3.1.conv2.h5", "d.parquet")
    for name in written:
        with whole(tmp_path / name) as partial:
            (tmp_path / "dead" / "deep" / partial.name).touch()  # as a writer that was killed leaves it
    remove_partial(tmp_path)
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert found == {*kept, *written}
