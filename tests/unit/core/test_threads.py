"""Functions that run side by side, on as many threads as linear algebra would use."""

import threading
import time
from functools import partial

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from ventral.core.cached import cached
from ventral.core.threads import side_by_side


@pytest.fixture(autouse=True)
def no_thread_is_left():
    before = threading.active_count()
    yield
    assert threading.active_count() == before


@pytest.fixture(params=[1, 2], ids=["one thread", "two threads"])
def threads(request):
    np.ones((2, 2)) @ np.ones((2, 2))
    with threadpool_limits(request.param):
        yield request.param


def test_results_are_in_order_and_functions_may_divide_their_work(threads):
    def sums(number: int) -> list[int]:
        return side_by_side([partial(int.__add__, number, other) for other in range(3)])

    found = side_by_side([partial(sums, number) for number in range(4)])
    assert found == [[number + other for other in range(3)] for number in range(4)]


def test_idle_threads_take_part_of_the_work_of_the_last_function():
    """Each waits for the other, so that one thread alone would never end."""
    both = threading.Barrier(2, timeout=20)
    with threadpool_limits(2):
        side_by_side([int, lambda: side_by_side([both.wait, both.wait])])


def test_the_first_error_is_raised_when_all_functions_have_ended(threads):
    ended = []

    def end(number: int) -> None:
        ended.append(number)
        if number in (1, 2):
            raise ValueError(number)

    with pytest.raises(ValueError, match="1"):
        side_by_side([partial(end, number) for number in range(4)])
    assert side_by_side([int, str]) == [0, ""]
    assert sorted(ended) == ([0, 1] if threads == 1 else [0, 1, 2, 3])


def test_a_cached_property_of_two_objects_is_computed_at_the_same_time():
    both = threading.Barrier(2, timeout=20)

    class Waiting:
        @cached
        def once(self) -> int:
            """A number."""
            return both.wait() >= 0

    with threadpool_limits(2):
        one, two = Waiting(), Waiting()
        assert side_by_side([lambda: one.once, lambda: two.once]) == [True, True]
    assert one.once  # without waiting
    assert Waiting.once.__doc__ == "A number."


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, MemoryError])
def test_an_interrupt_lets_running_functions_end_and_starts_no_others(threads, error):
    started, ended = [], []
    running = threading.Barrier(threads, timeout=20)

    def fail():
        running.wait()
        raise error

    def end():
        running.wait()
        ended.append(True)

    def later():
        started.append(True)
        time.sleep(0.001)

    jobs = [fail, end][:threads] + [later] * 1000
    with pytest.raises(error):
        side_by_side(jobs)
    assert len(started) < 1000 and len(ended) == threads - 1
    assert side_by_side([int, str]) == [0, ""]


def test_independent_callers_share_a_team_and_leave_linear_algebra_its_threads():
    def blas() -> int:
        return max(library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas")

    found = []

    def call(number: int) -> None:
        for _ in range(20):
            found.append(side_by_side([partial(int.__add__, number, other) for other in range(3)]))

    with threadpool_limits(2):
        callers = [threading.Thread(target=call, args=[number]) for number in range(4)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        assert blas() == 2
    assert sorted(found) == [[number + other for other in range(3)] for number in range(4) for _ in range(20)]
