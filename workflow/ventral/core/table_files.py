"""Reads and writes the tables of the workflow, each with a checksum file beside it, so damaged tables are refused."""

import hashlib
import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ventral.core.cells import unquoted, write_csv
from ventral.core.errors import AGAIN, Fault
from ventral.core.files import whole

if TYPE_CHECKING:
    import pandas as pd  # takes half a second, which jobs without tables need not spend


def write_table(frame: "pd.DataFrame", path: str | Path) -> None:
    """Write a table and its checksum file; floats keep all their digits.

    The format is Parquet if the suffix is .parquet, and CSV otherwise. In CSV tables, texts that a spreadsheet would
    read as formulas are quoted (see `ventral.core.cells`). The checksum file beside the table contains the number of
    rows and the SHA-256; `read_table` and `sha256sum --check` read it.
    """
    path = Path(path)
    with whole(path) as partial:
        if path.suffix == ".parquet":
            frame.to_parquet(partial, index=False, write_page_checksum=True)
        else:
            write_csv(frame, partial)
        digest = hashlib.sha256(partial.read_bytes()).hexdigest()
    with whole(checksum_beside(path)) as partial:
        partial.write_text(f"# rows {len(frame)}\n{digest}  {path.name}\n")


def read_table(path: str | Path, text: Iterable[str] = ()) -> "pd.DataFrame":
    """Read a table that `write_table` wrote, and check that it is unchanged.

    Parameters
    ----------
    path : path
    text : names
        Columns of a CSV table that are read as text even if they look like numbers.

    Raises
    ------
    Fault
        The table or its checksum file is missing, or the table has changed since it was written.
    """
    path = Path(path)
    rows, digest = _expected(path)
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise Fault(f"{path} is truncated or damaged ({_lost(content, path, rows)}). {AGAIN}")
    return _parsed(content, path, text)


def checksum_beside(path: str | Path) -> Path:
    """The path of a table's checksum file."""
    path = Path(path)
    return path.with_name(f".{path.name}.sha256")


def _parsed(content: bytes, path: Path, text: Iterable[str] = ()) -> "pd.DataFrame":
    import pandas as pd

    if path.suffix == ".parquet":
        return pd.read_parquet(io.BytesIO(content))
    types = dict.fromkeys(text, str)
    return unquoted(pd.read_csv(io.BytesIO(content), keep_default_na=False, na_values=[""], dtype=types))


def _expected(path: Path) -> tuple[int, str]:
    """The number of rows and the SHA-256 in the checksum file of a table."""
    beside = checksum_beside(path)
    if not path.exists():
        raise Fault(f"{path} does not exist; run Snakemake to make it.")
    if not beside.exists():
        raise Fault(f"{path} cannot be checked, because {beside.name} is not beside it. {AGAIN}")
    said = re.fullmatch(rb"# rows (\d+)\n([0-9a-f]{64})  .*\n", beside.read_bytes())
    if not said:
        raise Fault(f"{path} cannot be checked, because {beside.name} is damaged. {AGAIN}")
    return int(said[1]), said[2].decode()


def _lost(content: bytes, path: Path, rows: int) -> str:
    """What is wrong with a table that has changed since it was written."""
    try:
        present = len(_parsed(content, path))
    except (ValueError, OSError):  # the errors of pandas and pyarrow
        return f"its {rows} rows cannot be read"
    return f"{present} of {rows} rows are there" if present != rows else f"its {rows} rows are not as they were written"
