"""What rules write in patterns and lists of paths."""

import re
from collections.abc import Iterable

from ventral.core.table_files import checksum_beside


def one_of(names: Iterable[str]) -> str:
    """The pattern of a wildcard that is one of these names; it matches nothing if there are none."""
    return "|".join(map(re.escape, names)) or "(?!)"


def checksums(*tables: str) -> list[str]:
    """Paths of the files that hold the checksums of these tables, so that their readers can check them."""
    return [str(checksum_beside(table)) for table in tables]
