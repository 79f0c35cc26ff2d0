"""Makes images in order, in this process as long as that is faster, and otherwise in several processes."""

import time
from collections.abc import Callable, Iterator

import numpy as np

MEASURED = 1.0  # seconds of work from which the rest is estimated
WORTHWHILE = 4.0  # seconds of work left from which processes save more time than their start takes


def in_workers(task: Callable[..., list], jobs: list[tuple], threads: int) -> Iterator[np.ndarray]:
    """The images of all jobs, in order; a few jobs at a time are in memory.

    Parameters
    ----------
    task : function
        Returns a list of images. It is a function of a module, so that another process can import it.
    jobs : list of tuple
        Arguments of each call.
    threads : int
        Processes, if the jobs take long enough.
    """
    started = time.monotonic()
    for done, job in enumerate(jobs):
        passed = time.monotonic() - started
        if threads > 1 and done and passed >= MEASURED and passed / done * (len(jobs) - done) >= WORTHWHILE:
            yield from _in_processes(task, jobs[done:], threads)
            return
        yield from task(*job)


def _in_processes(task: Callable[..., list], jobs: list[tuple], threads: int) -> Iterator[np.ndarray]:
    from joblib import Parallel, delayed

    workers = Parallel(n_jobs=min(threads, len(jobs)), return_as="generator", batch_size=1, pre_dispatch="2 * n_jobs")
    for images in workers(delayed(task)(*job) for job in jobs):
        yield from images
