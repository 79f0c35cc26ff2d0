"""Code of the user and of other people, whose errors are answered with a sentence.

The whole traceback stays in the log of the job, behind the sentence.
"""

import contextlib
from collections.abc import Iterator

from ventral.device import is_out_of_memory
from ventral.faults import Fault, of_full_disk, said


@contextlib.contextmanager
def running(what: str) -> Iterator[None]:
    """Say what failed when anything is raised inside the block; faults, and want of memory or disk, pass unchanged.

    Raises
    ------
    Fault
        With what the error says, on one line.
    """
    try:
        yield
    except (Exception, SystemExit) as error:
        if isinstance(error, Fault) or is_out_of_memory(error) or of_full_disk(error):
            raise
        raise Fault(f"{what} ({said(error)}).") from error
