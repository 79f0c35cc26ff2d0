"""Work that is divided among the threads of a job.

Several threads do not make small products and decompositions faster. Functions that each do many of them run side by
side instead, each on one thread. A function may itself divide its work: threads that would be idle then take a part.
"""

from collections.abc import Callable, Sequence
from threading import Condition, Lock, Thread
from typing import Any

from threadpoolctl import threadpool_info, threadpool_limits


def side_by_side(jobs: Sequence[Callable[[], Any]]) -> list:
    """Results of functions without arguments, run on as many threads as linear algebra would have used.

    Raises
    ------
    Exception
        The error of the first function that failed, after all functions have ended.
    BaseException
        An interrupt, an exit, or a lack of memory: after the functions that were running have ended, without the rest.
    """
    team = _joined(len(jobs))
    if team is None:
        return [job() for job in jobs]
    try:
        return team.results_of(jobs)
    finally:
        _left(team)


class _Team:
    """Threads that work on the functions of all calls of `side_by_side`, those of the last call first.

    Attributes
    ----------
    calls : int
        Calls that have not ended; the threads end with the last of them.
    """

    def __init__(self, helpers: int) -> None:
        self.calls = 0
        self.waiting: list[tuple[list, int, Callable]] = []
        self.changed, self.closed = Condition(), False
        self.limits = threadpool_limits(1)
        self.helpers = [Thread(target=self.work, args=[lambda: self.closed]) for _ in range(helpers)]
        for helper in self.helpers:
            helper.start()

    def results_of(self, jobs: Sequence[Callable]) -> list:
        """Work until all of these functions have ended."""
        outcomes: list = [None] * len(jobs)
        with self.changed:
            self.waiting += [(outcomes, place, jobs[place]) for place in reversed(range(len(jobs)))]
            self.changed.notify_all()
        try:
            self.work(lambda: all(outcomes))
        except BaseException as error:  # an interrupt while this thread waited
            self.stop(error)
            self.work(lambda: all(outcomes))
            raise
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
                if isinstance(error, MemoryError) or not isinstance(error, Exception):
                    self.stop(error)
            with self.changed:
                outcomes[place] = outcome
                self.changed.notify_all()

    def stop(self, error: BaseException) -> None:
        """End with this error every function that waits."""
        with self.changed:
            for outcomes, place, _ in self.waiting:
                outcomes[place] = None, error
            self.waiting.clear()
            self.changed.notify_all()

    def close(self) -> None:
        """End the threads, and give linear algebra its own back."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()
        for helper in self.helpers:
            helper.join()
        self.limits.restore_original_limits()


_team: _Team | None = None
_changing = Lock()


def _joined(jobs: int) -> _Team | None:
    """The team of the calls that run now, or else a new one; None if there is nothing to divide."""
    global _team
    with _changing:
        if _team is None:
            of_libraries = [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]
            threads = max(of_libraries, default=1)
            if min(threads, jobs) < 2:
                return None
            _team = _Team(threads - 1)
        _team.calls += 1
        return _team


def _left(team: _Team) -> None:
    """The end of a call; the last one closes the team."""
    global _team
    with _changing:
        team.calls -= 1
        if not team.calls:
            _team = None
            team.close()
