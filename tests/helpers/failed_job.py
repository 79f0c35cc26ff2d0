"""A job of the workflow that ends with a fault, in a process of its own."""

import subprocess
import sys
from pathlib import Path


def failed_job(log: Path, sentence: str) -> subprocess.CompletedProcess:
    """Run a job that logs to a file and raises a Fault with this sentence."""
    program = (
        "from ventral.core.errors import Fault\nfrom ventral.core.jobs import logged\n"
        f"with logged({str(log)!r}):\n    raise Fault({sentence!r})\n"
    )
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
