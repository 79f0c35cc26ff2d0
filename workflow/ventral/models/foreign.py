"""Turns errors in code of users and other people into sentences for the person who runs the workflow.

The full traceback is in the job's log, after the sentence.
"""

import contextlib
from collections.abc import Iterator

from ventral.core.device import is_out_of_memory
from ventral.core.errors import Fault, of_full_disk, said


@contextlib.contextmanager
def as_fault(what: str) -> Iterator[None]:
    """Raise an error of the block as a Fault; faults, lack of memory and full disks pass unchanged.

    Parameters
    ----------
    what : str
        What failed, as the beginning of a sentence: "Model mine failed on 3 images".

    Raises
    ------
    Fault
        `what`, followed by the first line of the error's text in brackets.
    """
    try:
        yield
    except (Exception, SystemExit) as error:
        if isinstance(error, Fault) or is_out_of_memory(error) or of_full_disk(error):
            raise
        raise Fault(f"{what} ({said(error)}).") from error
