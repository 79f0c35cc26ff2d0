"""Functions that share one GPU, several at a time, so that it computes for some while others read, copy or write."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ventral.core.device import usable_cupy


def on_streams(jobs: Sequence[Callable[[], Any]], device: str, at_once: int) -> None:
    """Run functions without arguments in turn, or, on a GPU, several at a time, each on a CUDA stream of its own.

    Parameters
    ----------
    jobs : sequence of callables
        Each waits for its own results, so that its work has ended when it returns.
    device : {"auto", "cpu", "cuda", "cuda:0", …}
        As in `ventral.gram.gram`.
    at_once : int
        Functions that run on a GPU at a time.

    Raises
    ------
    Exception
        The error of the first function that failed, after those that were running have ended, without the rest.
    """
    cupy = usable_cupy(device) if at_once > 1 else None
    if cupy is None:
        for job in jobs:
            job()
        return

    def on_stream(job: Callable[[], Any]) -> None:
        with cupy.cuda.Stream(non_blocking=True):
            job()

    with ThreadPoolExecutor(at_once) as threads:
        running = [threads.submit(on_stream, job) for job in jobs]
        try:
            for one in running:
                one.result()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
