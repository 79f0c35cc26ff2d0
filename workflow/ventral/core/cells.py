"""Cells of CSV tables that a spreadsheet would run as a formula, and how they are written so that it does not.

A text that begins with one of = + - @, a tab or a line break, also after blanks or characters without width, is written
with an apostrophe before it, as OWASP recommends, and read back without it. A text in which apostrophes precede such a
beginning gets one more, so that every text is read back unchanged. Numbers are left alone.

Source: OWASP, "CSV Injection", owasp.org/www-community/attacks/CSV_Injection.
"""

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

BEGINNING = "[\\s\0\xad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*[=+\\-@\t\r\n＝＋－＠]"
FORMULA, QUOTED = re.compile(f"'*{BEGINNING}"), re.compile(f"'+{BEGINNING}")
# A carriage return ends a row to most readers, and spreadsheets may take ; or a tab for the end of a cell.
ENDS = re.compile("[\r;\t]")


def write_csv(table: "pd.DataFrame", path: str | Path) -> None:
    """Write a table as CSV with such texts quoted."""
    table = quoted(table)
    texts = table.select_dtypes(exclude=["number", "bool"])
    ends = any(ENDS.search(text) for column in texts for text in texts[column].dropna().astype(str).unique())
    table.to_csv(path, index=False, quoting=csv.QUOTE_NONNUMERIC if ends else csv.QUOTE_MINIMAL)


def quoted(table: "pd.DataFrame") -> "pd.DataFrame":
    """The table as it is written, its column names included."""
    return _changed(table, lambda text: f"'{text}" if FORMULA.match(text) else text)


def unquoted(table: "pd.DataFrame") -> "pd.DataFrame":
    """The table as it was before `quoted`."""
    return _changed(table, lambda text: text[1:] if QUOTED.match(text) else text)


def _changed(table: "pd.DataFrame", change) -> "pd.DataFrame":
    """The table with every text of it changed."""
    columns = {}
    for column in table.select_dtypes(exclude=["number", "bool"]):
        values = table[column]
        changed = {text: change(text) for text in values.dropna().unique() if isinstance(text, str)}
        changed = {text: other for text, other in changed.items() if other != text}
        if changed:
            columns[column] = values.map(lambda value, changed=changed: changed.get(value, value)).astype(values.dtype)
    return table.assign(**columns).rename(columns=lambda name: change(name) if isinstance(name, str) else name)
