"""A run that is killed at any point is finished by the same command, with the same numbers."""

import os
import signal
import time

import pandas as pd
import pytest

WHEN = {"stimuli": "**/.*.h5", "activations": "**/.*.h5", "gram": "**/*.h5"}  # a file is being written, or one is done


def kill_when(study, happened, *targets, seconds=300):
    """Start the study and kill its whole process group when something has happened."""
    process = study.start(*targets)
    end = time.monotonic() + seconds
    while not happened() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    running = process.poll() is None
    os.killpg(process.pid, signal.SIGKILL) if running else None
    printed, _ = process.communicate()
    assert running, f"the run ended before it could be killed:\n{printed}"


def test_a_run_that_is_killed_three_times_is_finished_by_the_same_command(fresh, undisturbed):
    expected = undisturbed.tables()
    command = [f"results/{name}" for name in expected]
    for where, pattern in WHEN.items():
        kill_when(
            fresh, lambda found=(where, pattern): any((fresh.folder / "results" / found[0]).glob(found[1])), *command
        )
    fresh.run(*command)
    tables = fresh.tables()
    assert tables.keys() == expected.keys()
    for name in expected:
        pd.testing.assert_frame_equal(tables[name], expected[name], obj=name)


def test_no_half_written_file_is_left_under_a_final_name(fresh):
    results = fresh.folder / "results"
    kill_when(fresh, lambda: any((results / "stimuli").glob(".*.h5")))
    assert not list((results / "stimuli").glob("[!.]*.h5"))


@pytest.mark.parametrize("kept", [0.5, 0.0])
def test_a_truncated_file_is_named_with_what_to_delete(finished, kept):
    path = finished.folder / "results/activations/scenes/pixels.h5"
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    printed = finished.run("--keep-going", status=1)
    assert "results/activations/scenes/pixels.h5 is truncated or damaged" in printed
    assert "Delete it" in printed
    path.unlink()
    finished.run()


def test_a_table_cut_to_half_is_named_and_made_again(finished):
    path = finished.folder / "results/geometry/scenes/pixels/pixels.csv"
    whole = path.read_text()
    lines = whole.splitlines(keepends=True)
    path.write_text("".join(lines[: len(lines) // 2]))
    printed = finished.run("results/summary/layers.csv", status=1)
    assert "results/geometry/scenes/pixels/pixels.csv is truncated or damaged" in printed
    assert f"{len(lines) // 2 - 1} of {len(lines) - 1} rows are there" in printed
    path.unlink()
    finished.run("results/summary/layers.csv")
    assert path.read_text() == whole
