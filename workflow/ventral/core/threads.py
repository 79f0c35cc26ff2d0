"""Work that is divided among the threads of a job.

Several threads do not make small products and decompositions faster. Functions that each do many of them run side by
side instead, each on one thread. A function may itself divide its work: threads that would be idle then take a part.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Condition, Thread
from typing import Any

from threadpoolctl import threadpool_info, threadpool_limits


def side_by_side(jobs: Sequence[Callable[[], Any]]) -> list:
    """Results of functions without arguments, run on as many threads as linear algebra would have used.

    Raises
    ------
    Exception
        The error of the first function that failed, after all functions have ended.
    """
    global _team
    if _team is not None:
        return _team.results_of(jobs)
    threads = max((library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"), default=1)
    if min(threads, len(jobs)) < 2:
        return [job() for job in jobs]
    with threadpool_limits(1), _helped_by(threads - 1) as _team:
        try:
            return _team.results_of(jobs)
        finally:
            _team = None


class _Team:
    """Threads that work on the functions of all calls of `side_by_side`, those of the last call first."""

    def __init__(self) -> None:
        self.waiting: list[tuple[list, int, Callable]] = []
        self.changed, self.closed = Condition(), False

    def results_of(self, jobs: Sequence[Callable]) -> list:
        """Work until all of these functions have ended."""
        outcomes: list = [None] * len(jobs)
        with self.changed:
            self.waiting += [(outcomes, place, jobs[place]) for place in reversed(range(len(jobs)))]
            self.changed.notify_all()
        self.work(lambda: all(outcomes))
        for _, error in outcomes:
            if error is not None:
                raise error
        return [result for result, _ in outcomes]

    def work(self, done: Callable[[], bool]) -> None:
        """Run waiting functions, or wait for some, until `done`."""
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.waiting or done())
                if done():
                    return
                outcomes, place, job = self.waiting.pop()
            try:
                outcome = job(), None
            except BaseException as error:  # raised where the work was asked for
                outcome = None, error
            with self.changed:
                outcomes[place] = outcome
                self.changed.notify_all()


_team: _Team | None = None


@contextmanager
def _helped_by(number: int) -> Iterator[_Team]:
    """A team of this thread and a number of others, which end with the context."""
    team = _Team()
    helpers = [Thread(target=team.work, args=[lambda: team.closed]) for _ in range(number)]
    for helper in helpers:
        helper.start()
    try:
        yield team
    finally:
        with team.changed:
            team.closed = True
            team.changed.notify_all()
        for helper in helpers:
            helper.join()
