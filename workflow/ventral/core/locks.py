"""Locks of the operating system on open files, which end with the process that holds them.

`filelock.FileLock` does not serve here. It is exclusive, whereas runs of one study share a lock, which one of them may
turn into an exclusive one; and it keeps its open file to itself, whereas runs and jobs write into the file that they
lock.
"""

import fcntl


def take_lock(file: int) -> bool:
    """Take the exclusive lock of an open file unless another process holds it.

    Parameters
    ----------
    file : int
        A file descriptor.

    Returns
    -------
    bool
        Whether this process now holds the lock.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
