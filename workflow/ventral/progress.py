"""A bar with items per second, for work that takes more than some seconds."""

from collections.abc import Iterable

from tqdm import tqdm


def progress(items: Iterable | None = None, *, total: int, unit: str, name: str) -> tqdm:
    """Wrap an iterable, or give a bar to `update`; nothing is shown in the first three seconds."""
    return tqdm(items, total=total, unit=unit, desc=name, delay=3, mininterval=1, dynamic_ncols=True, leave=False)
