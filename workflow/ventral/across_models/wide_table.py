"""Tables of other people as one wide table: one row per model and layer, one column per measure.

Long tables, in which a column names the measure of each row, become wide. Several tables are joined by model and, where
both have layers, by layer.
"""

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ventral.across_models.matched_rows import JOINED, joined, keys_of
from ventral.across_models.text_tables import read_texts_of
from ventral.core.errors import Fault
from ventral.core.names import did_you_mean, listed
from ventral.core.same_paths import expect_other_paths

if TYPE_CHECKING:
    import pandas as pd

MISSING = ("", "na", "n/a", "nan", "null")  # in columns of numbers, whatever the case
BOOLEANS = {"true": True, "false": False, "1": True, "0": False, "": False}
NUMBERS = ("depth", "position", "n_features")  # columns with a meaning of their own; so has the accuracy
SKEWED = 1.5  # more than Gaussian columns have; the skewness of log-normal ones is 6 in large tables
BY = re.compile(r"(.+) by (.+)")


@dataclass(frozen=True)
class Roles:
    """What the columns of tables are, as names, patterns with * and ?, or "VALUE by NAME" for long tables.

    Attributes
    ----------
    geometry, scores : columns
        That are related to each other.
    model : columns
        That together name a model.
    layer, family, kind : str
        Columns; "" if there is none. Without a column of families every model is a family of its own.
    accuracy : str
        The column with the accuracy of each model, if there is one.
    log : columns
        Geometry, or columns of `given`, of which the logarithm is used.
    given : columns
        That relations are also computed at fixed values of.
    """

    geometry: Sequence[str]
    scores: Sequence[str]
    model: Sequence[str] = ("model",)
    layer: str = ""
    family: str = ""
    kind: str = ""
    accuracy: str = "accuracy"
    log: Sequence[str] = ()
    given: Sequence[str] = ()

    @property
    def names(self) -> list[str]:
        """Columns that name something, and are read as text."""
        return [*self.model, *filter(None, (self.layer, self.family, self.kind))]


@dataclass(frozen=True)
class WideTable:
    """One row per model and layer.

    Attributes
    ----------
    rows : DataFrame
        The columns model, layer, family and kind as text ("" if there is none), baseline as truth values, and all other
        columns, as numbers where they hold nothing else.
    geometry, scores, log, given : list of str
        Names of columns.
    notes : list of str
        Sentences on rows that were left out.
    """

    rows: "pd.DataFrame"
    geometry: list[str]
    scores: list[str]
    log: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_wide(paths: Sequence[str | Path], roles: Roles) -> WideTable:
    """Read tables, join them, and find the columns that are related.

    Parameters
    ----------
    paths : paths of CSV tables (.csv), or of tables with tabs (.tsv, .txt)
        The first has the layers, if there are any. Rows of a table without the column of layers belong to all layers of
        their model.
    roles : Roles

    Raises
    ------
    Fault
        A table cannot be read, is named twice, lacks a column or has two rows of one key; tables have no key in common,
        or one has no column that the first lacks; a cell of a column that is used is no number; or a column is named
        for two purposes.
    """
    expect_other_paths(paths, "table")
    texts = {str(path): read_texts_of(path) for path in paths}
    known = {column for table in texts.values() for column in table}
    usual = {name: name if name in known else "" for name in ("layer", "family", "kind")}
    for name in usual:
        if (column := getattr(roles, name)) and column not in known:
            raise Fault(f"--{name}: no column is named {column!r}{did_you_mean(column, known)}.")
    if roles.accuracy not in known | {Roles.accuracy}:
        raise Fault(f"--accuracy: no column is named {roles.accuracy!r}{did_you_mean(roles.accuracy, known)}.")
    roles = Roles(**vars(roles) | {name: getattr(roles, name) or column for name, column in usual.items()})
    tables = {path: keyed(table, path, roles) for path, table in texts.items()}
    items = {name: list(getattr(roles, name)) for name in ("geometry", "scores", "log", "given")}
    tables = {path: widened(table, path, roles, items) for path, table in tables.items()}
    rows, notes = joined(tables, roles.model, roles.layer)
    names = {"given": [*rows, "depth"]}  # which follows from the order of layers, if no table has it
    columns = {name: matching(chosen, names.get(name, [*rows]), name) for name, chosen in items.items()}
    if both := [column for column in columns["geometry"] if column in columns["scores"]]:
        raise Fault(f"{listed(both)}: named as geometry and as score; a column can only be one of the two.")
    if strange := [column for column in columns["log"] if column not in (*columns["geometry"], *columns["given"])]:
        raise Fault(f"{listed(strange)}: named under --log, but neither under --geometry nor under --given.")
    used = {*columns["geometry"], *columns["scores"], *NUMBERS, roles.accuracy}
    wide = with_numbers(named(rows, roles), used, texts)
    notes += without_logarithm(wide, columns["log"]) + skewed(wide[columns["geometry"]].drop(columns=columns["log"]))
    return WideTable(wide, **columns, notes=notes)


def without_logarithm(wide: "pd.DataFrame", log: Sequence[str]) -> list[str]:
    """Sentences on values that are left out because they have no logarithm."""
    numbers = wide[[column for column in log if column in wide]].select_dtypes("number")
    counts = (numbers <= 0).sum()
    return [
        f"{name}: {n:,} of {len(wide):,} values are 0 or less and have no logarithm." for name, n in counts.items() if n
    ]


def skewed(linear: "pd.DataFrame") -> list[str]:
    """A sentence on columns without a logarithm, whose few large values make Pearson's intervals too short."""
    names = [
        name
        for name, values in linear.items()
        if values.min() > 0 and values.skew() > SKEWED and abs(np.log(values).skew()) < values.skew() / 2
    ]
    if not names:
        return []
    return [
        f"{listed(names)}: strongly skewed, so that 95 % intervals of Pearson's coefficient hold less than they say "
        "(89 to 95 % in simulations). Take the logarithm (--log), or Spearman's coefficient."
    ]


def keyed(table: "pd.DataFrame", path: str, roles: Roles) -> "pd.DataFrame":
    """The table, if it has the columns that name its models, and a name in each of their cells."""
    for column in roles.model:
        if column not in table:
            columns = listed([*table], 20)
            raise Fault(
                f"{path} has no column {column!r}{did_you_mean(column, table)}; --model names the columns that "
                f"together name a model. It has {columns}."
            )
    for column in (*roles.model, roles.layer):
        if column in table and (table[column] == "").any():
            raise Fault(f"{path}, row {(table[column] == '').idxmax()}: the cell under {column!r} is empty.")
    return table


def widened(table: "pd.DataFrame", path: str, roles: Roles, items: dict[str, list[str]]) -> "pd.DataFrame":
    """A long table with one column per measure, which replace "VALUE by NAME" in `items`; others as they are."""
    import pandas as pd

    key = keys_of(table, roles.model, roles.layer)
    for name, chosen in items.items():
        for item in [one for one in chosen if one not in table]:
            value, by = match.groups() if (match := BY.fullmatch(item)) else ("", "")
            if value not in table or by not in table:
                continue
            if (table[by] == "").any():
                raise Fault(f"{path}, row {(table[by] == '').idxmax()}: the cell under {by!r} is empty.")
            expect_once(table, path, [*key, by])
            measures = list(table[by].unique())
            used = {*roles.names, *(one for others in items.values() for one in others)}
            rest = constant(table.drop(columns=[value, by]), path, key, used)
            if taken := [measure for measure in measures if measure in rest]:
                raise Fault(f"{path}: {listed(taken)} is a column and a value of the column {by!r}; rename one.")
            wide = table.pivot(index=key, columns=by, values=value)[measures].fillna("").reset_index()
            table = pd.merge(rest, wide, on=key).rename_axis(columns=None)
            items[name] = [part for one in items[name] for part in (measures if one == item else [one])]
    expect_once(table, path, key)
    return table


def constant(table: "pd.DataFrame", path: str, key: list[str], used: set[str]) -> "pd.DataFrame":
    """One row per key, without columns that are not used and have several values for a key."""
    several = table.groupby(key, sort=False).transform("nunique") > 1
    for column in several.columns[several.any()]:
        if column in used:
            first = JOINED.join(table.loc[several[column].idxmax(), key])
            raise Fault(f"{path}: {first} has several values of {column!r}, one for each measure; it needs one.")
    return table.drop(columns=several.columns[several.any()]).drop_duplicates(key)


def expect_once(table: "pd.DataFrame", path: str, key: list[str]) -> None:
    """Raise a `Fault` if two rows have the same key."""
    again = table[table.duplicated(key, keep=False)]
    if again.empty:
        return
    first = again[(again[key] == again[key].iloc[0]).all(axis="columns")]
    count = again[key].drop_duplicates().shape[0]
    raise Fault(
        f"{path}: rows {listed(list(first.index))} are all {JOINED.join(first[key].iloc[0])} ({', '.join(key)}); every "
        f"model{' and layer' if len(key) > 1 else ''} needs one row. {count} such keys are there more than once. Name "
        "further columns with --model or --layer; for a long table, name its values as 'VALUE by COLUMN'."
    )


def matching(items: Sequence[str], rows: Sequence[str], role: str) -> list[str]:
    """The columns that names and patterns mean, each once, in their order.

    An item is the name of a column, a pattern, or several of them with commas between.
    """
    chosen: list[str] = []
    for item in items:
        if item in rows:
            chosen.append(item)
        elif "," in item:
            chosen += matching([part.strip() for part in item.split(",") if part.strip()], rows, role)
        elif columns := fnmatch.filter(rows, item.replace("[", "[[]")) if {*item} & {*"*?"} else []:
            chosen += columns
        else:
            columns = listed([*rows], 20)
            raise Fault(f"--{role}: no column is named {item!r}{did_you_mean(item, rows)}. The columns are {columns}.")
    return list(dict.fromkeys(chosen))


def named(rows: "pd.DataFrame", roles: Roles) -> "pd.DataFrame":
    """Rows that begin with model, layer, family, kind and baseline."""
    model = rows[list(roles.model)].agg(JOINED.join, axis="columns")
    keys = {"model": model}
    for name, default in (("layer", ""), ("family", model), ("kind", "")):
        column = getattr(roles, name)
        keys[name] = rows[column] if column else default
    keys["baseline"] = truths(rows["baseline"]) if "baseline" in rows else False
    parts = {*roles.model} - {*keys} if len(roles.model) > 1 else set()  # stay columns, for example to color a chart by
    rest = rows.drop(columns=[one for one in {*roles.names, *keys} if one in rows and one not in parts])
    return rows[[]].assign(**keys).join(rest)


def truths(column: "pd.Series") -> "pd.Series":
    """The column `baseline` as truth values."""
    found = column.str.lower().map(BOOLEANS)
    if found.isna().any():
        raise Fault(f"The column 'baseline' must hold true or false, not {column[found.isna()].iloc[0]!r}.")
    return found.astype(bool)


def with_numbers(rows: "pd.DataFrame", used: set[str], texts: dict[str, "pd.DataFrame"]) -> "pd.DataFrame":
    """Columns without other texts as numbers; an empty cell, NA or NaN is a missing value."""
    import pandas as pd

    columns = {}
    for column in rows.columns.difference(["model", "layer", "family", "kind", "baseline"], sort=False):
        present = rows[column].where(~rows[column].str.lower().isin(MISSING))
        numbers = pd.to_numeric(present, errors="coerce").astype(float)
        wrong = present.notna() & ~np.isfinite(numbers)
        if not wrong.any():
            columns[column] = numbers
        elif column in used:
            raise Fault(no_number(rows.loc[wrong.idxmax()], column, texts))
    return rows.assign(**columns)


def no_number(row: "pd.Series", column: str, texts: dict[str, "pd.DataFrame"]) -> str:
    """What is wrong with a cell, and where it is in the tables that were read."""
    cell, of = row[column], JOINED.join(filter(None, (row["model"], row["layer"])))
    for path, table in texts.items():
        there = (table[[column]] if column in table else table).eq(cell).any(axis="columns")
        if there.any():
            return f"{path}, row {there.idxmax()}: {cell!r} under {column!r} ({of}) is no finite number."
    return f"{cell!r} under {column!r} ({of}) is no finite number."
