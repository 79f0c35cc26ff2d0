"""Tables of other people as they are: all cells as text, so that "None" and "NA" are values in columns of names."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from ventral.core.cells import unquoted
from ventral.core.errors import Fault, said
from ventral.core.names import listed

if TYPE_CHECKING:
    import pandas as pd

SEPARATORS = {".tsv": "\t", ".txt": "\t"}


def read_texts_of(path: str | Path) -> "pd.DataFrame":
    """A table with all its cells as text, indexed by the numbers of rows as a spreadsheet shows them.

    Raises
    ------
    Fault
        The table cannot be read, is empty, or has two columns of one name or rows of different lengths.
    """
    import pandas as pd

    numbered = _rows(path)
    if not numbered:
        raise Fault(f"{path} is empty.")
    names, *rows = numbered.values()
    if len(names) == 1 and (";" in names[0] or "\t" in names[0]):
        raise Fault(f"{path} has one column, {names[0]!r}; separate its cells by commas, or by tabs in a .tsv file.")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Fault(f"{path} has several columns named {listed([*map(repr, twice)])}; rename them.")
    if not rows:
        raise Fault(f"{path} has no rows below its header.")
    for number, row in numbered.items():
        if len(row) != len(names):
            raise Fault(f"{path}, row {number}: has {len(row)} cells, and the table has {len(names)} columns.")
    return unquoted(pd.DataFrame(rows, columns=names, index=[*numbered][1:], dtype=object))


def _rows(path: str | Path) -> dict[int, list[str]]:
    """The cells of all rows that are not blank, by the numbers of the rows."""
    separator = SEPARATORS.get(Path(path).suffix.lower(), ",")
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = enumerate(csv.reader(file, delimiter=separator), 1)
            return {number: [cell.strip() for cell in row] for number, row in rows if any(map(str.strip, row))}
    except FileNotFoundError as error:
        raise Fault(f"{path} does not exist.") from error
    except (ValueError, OSError, csv.Error) as error:  # UnicodeDecodeError is a ValueError
        raise Fault(f"{path} cannot be read as a table ({said(error)}). Save it as CSV in UTF-8.") from error
