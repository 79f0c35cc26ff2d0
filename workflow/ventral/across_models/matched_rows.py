"""Tables of models and layers side by side: which rows belong together."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ventral.core.errors import Fault
from ventral.core.names import listed

if TYPE_CHECKING:
    import pandas as pd

JOINED = ", "  # between the parts of the name of a model that several columns name together


def keys_of(table: "pd.DataFrame", model: Sequence[str], layer: str) -> list[str]:
    """The columns that together name a row; not every table has layers."""
    return [*model, *([layer] if layer and layer in table else [])]


def joined(tables: dict[str, "pd.DataFrame"], model: Sequence[str], layer: str) -> tuple["pd.DataFrame", list[str]]:
    """All tables as one, with the rows that all have, and sentences on the others."""
    (first, rows), *others = tables.items()
    notes = []
    for path, table in others:
        key = [column for column in keys_of(table, model, layer) if column in rows]
        if layer and layer in table and layer not in rows:
            raise Fault(f"{path} has layers ({layer!r}) and {first} has none; name the table with layers first.")
        shared = [column for column in table if column in rows and column not in key]
        if len(key) + len(shared) == table.shape[1]:
            again = table[key].merge(rows[key].drop_duplicates())
            raise Fault(nothing_new(path, first, shared, [JOINED.join(row) for row in again.itertuples(index=False)]))
        both = rows.merge(table.drop(columns=shared), on=key, how="outer", indicator=True, sort=False)
        for side, there, lacking in (("left_only", first, path), ("right_only", path, first)):
            alone = both.loc[both["_merge"] == side, key].drop_duplicates()
            if len(alone):
                names = listed([JOINED.join(row) for row in alone.itertuples(index=False)])
                notes.append(f"Left out, because {lacking} lacks them while {there} has them: {names}.")
        matched = both["_merge"] == "both"
        if not matched.any():
            raise Fault(f"{path} and {first} have no {' and '.join(key)} in common. {' '.join(notes)}")
        if shared:
            notes.append(f"{listed(shared)}: taken from {first}, though {path} has columns of these names too.")
        rows = both[matched].drop(columns="_merge").reset_index(drop=True)
    return rows, notes


def nothing_new(path: str, first: str, columns: list[str], keys: list[str]) -> str:
    """That a table has no column which the first lacks, and which rows both have."""
    rows = f"; {len(keys):,} of its rows are there too: {listed(keys)}" if keys else ""
    return (
        f"{path} has no column that {first} lacks ({listed(columns)}){rows}. Tables are joined by model and layer, so "
        "that one gives columns to the other; put rows that have the same columns into one table."
    )
