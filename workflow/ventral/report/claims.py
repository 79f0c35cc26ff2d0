"""Claims of the page: sentences that link to the rows behind their numbers."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """A sentence, and where its numbers are.

    Attributes
    ----------
    text : str
    anchor : str
        The id of a table or of a row on the page; "" if the numbers are in a file only.
    rows : str
        The file of the summary that holds the numbers, and the values of its columns that select their rows.
    """

    text: str
    anchor: str = ""
    rows: str = ""


def row_anchor(table: str, *key: str) -> str:
    """The id of a row of a table of the page, from the values that tell the row from all others."""
    return f"{table}-{hashlib.blake2s(chr(0).join(key).encode(), digest_size=5).hexdigest()}"


def rows_of(file: str, **selected: str) -> str:
    """Rows of a file in words, such as "geometry.csv: metric = alpha, stimuli = scenes"."""
    return f"{file}: {', '.join(f'{column} = {value}' for column, value in selected.items())}" if selected else file
