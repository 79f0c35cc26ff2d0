"""Makes images in several processes, in order."""

from collections.abc import Callable, Iterator

import numpy as np
from joblib import Parallel, delayed


def in_workers(task: Callable[..., list], jobs: list[tuple], threads: int) -> Iterator[np.ndarray]:
    """The images of all jobs, in order; a few jobs at a time are in memory.

    Parameters
    ----------
    task : function
        Returns a list of images. It is a function of a module, so that another process can import it.
    jobs : list of tuple
        Arguments of each call.
    threads : int
        Processes.
    """
    workers = Parallel(n_jobs=min(threads, len(jobs)), return_as="generator", batch_size=1, pre_dispatch="2 * n_jobs")
    for images in workers(delayed(task)(*job) for job in jobs):
        yield from images
