"""What a job of the workflow shows: its log, its progress, and its error as one sentence."""

import contextlib
import logging
import sys
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ventral.core.errors import Fault
from ventral.core.stale_lock import at_work

if TYPE_CHECKING:
    from tqdm import tqdm


@contextlib.contextmanager
def logged(path: str | Path) -> Iterator[None]:
    """Send log records and warnings to a file; turn an error into one sentence and exit status 1.

    The sentence goes to the log and to the terminal, the traceback to the log. If the log cannot be written, for
    example on a full disk, the job continues, and a traceback goes to the terminal.
    """
    with at_work(str(path)):
        log = _Log(path)
        logging.basicConfig(handlers=[log.handler], level=logging.INFO, format="%(asctime)s %(message)s", force=True)
        logging.captureWarnings(True)
        try:
            yield
        except Exception as error:
            sentence = _sentence(error)
            details = traceback.format_exc()
            logging.error("%s\n%s", sentence, details)
            with contextlib.suppress(OSError):  # standard error may be a file on the same disk
                print(f"{sentence}\n{log.place(details)}", file=sys.stderr, flush=True)
            sys.exit(1)
        logging.info("done")


@contextlib.contextmanager
def about(subject: str) -> Iterator[None]:
    """Write to the log what comes next, such as "The layer conv1 of alexnet", and begin any error with it.

    Raises
    ------
    Fault
        In place of any other error.
    """
    logging.info("%s", subject)
    try:
        yield
    except Exception as error:
        raise Fault(f"{subject}: {_sentence(error)}") from error


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, Fault) else f"{type(error).__name__}: {error}"


class _Log:
    """The log of a job, which may be on a full disk or in a folder that is not writable."""

    def __init__(self, path: str | Path) -> None:
        self.path, self.problem = path, ""
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            self.handler: logging.Handler = logging.FileHandler(path, mode="w", encoding="utf-8")
        except OSError as error:
            self.problem, self.handler = str(error), logging.NullHandler()
        self.handler.handleError = self.note

    def note(self, record: logging.LogRecord) -> None:
        """Remember the error of the write that has just failed."""
        self.problem = str(sys.exception())

    def place(self, details: str) -> str:
        """Where to find the traceback; the traceback itself if the log could not be written."""
        if self.problem:
            return f"The log {self.path} is incomplete ({self.problem}).\n{details}"
        return f"Full traceback: {self.path}"


def progress(items: Iterable | None = None, *, total: int, unit: str, name: str) -> "tqdm":
    """Wrap an iterable, or give a bar to `update`; nothing is shown in the first three seconds."""
    from tqdm import tqdm

    return tqdm(items, total=total, unit=unit, desc=name, delay=3, mininterval=1, dynamic_ncols=True, leave=False)
