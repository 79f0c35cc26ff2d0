"""How much memory a side of a benchmark uses."""

from pathlib import Path


def megabytes(field: str) -> float:
    """Memory of this process, now (VmRSS) or at its peak (VmHWM)."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field)]
    return int(line.split()[1]) / 1e3
