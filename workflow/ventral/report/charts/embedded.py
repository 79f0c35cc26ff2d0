"""Tables as the page embeds them: once, by column, with few digits."""

import json
from typing import Any

import numpy as np
import pandas as pd

DIGITS = 6
FEW = 0.5  # texts with fewer distinct values than this share of the rows are written as numbers of a list


def embedded(tables: dict[str, pd.DataFrame]) -> str:
    """Tables as JSON that can stand in a script element; `data.js` makes rows of them.

    Parameters
    ----------
    tables : dict of DataFrames

    Returns
    -------
    str
        {"table": {"column": [value, …] or {"levels": [text, …], "codes": [number, …]}}}; missing values are null.
    """
    return as_json({name: {column: values(table[column]) for column in table} for name, table in tables.items()})


def as_json(content: Any) -> str:
    """JSON without "<", so that no text can end the script element that holds it."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def values(column: pd.Series) -> list | dict[str, list]:
    """The values of one column."""
    if pd.api.types.is_bool_dtype(column):
        return [bool(value) for value in column]
    if pd.api.types.is_numeric_dtype(column):
        return [shortened(value) for value in column.astype(float)]
    texts = column.astype(str).where(column.notna(), None)
    if texts.nunique() > FEW * len(texts):
        return [None if pd.isna(text) else text for text in texts]
    codes, levels = pd.factorize(texts)
    return {"levels": [*levels], "codes": [int(code) for code in codes]}


def shortened(value: float) -> float | int | None:
    """A number with six digits; None if it is missing or infinite."""
    if not np.isfinite(value):
        return None
    short = float(f"{value:.{DIGITS}g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short
