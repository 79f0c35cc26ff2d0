"""Tables in a spreadsheet: no text of them is a formula, and every text is read as it was."""

import csv

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ventral.core.cells import quoted, unquoted, write_csv
from ventral.core.table_files import read_table, write_table

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "-layer",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\xa0-1",
    "\ufeff@a",
    "\u200b=1",
    "＝1",
    '=HYPERLINK("x","y")',
    "=cmd|' /C calc'!A0",
]
HARMLESS = ["V4", "", "'", "'V4'", "a=b", " a=1", " ", "a -1", "V$\\frac{$", "1", "1e5", "nan", "None"]


@pytest.mark.parametrize("text", FORMULAS)
def test_texts_that_begin_like_a_formula_are_quoted_and_come_back(tmp_path, text):
    table = pd.DataFrame({"area": [text, "V4"], "value": [-1.5, 2.0], "n": [-3, 4], "simulated": [True, False]})
    write_table(table, tmp_path / "table.csv")
    with open(tmp_path / "table.csv", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["area", "value", "n", "simulated"],
        [f"'{text}", "-1.5", "-3", "True"],
        ["V4", "2.0", "4", "False"],
    ]
    pd.testing.assert_frame_equal(read_table(tmp_path / "table.csv", text=("area",)), table, check_dtype=False)
    pd.testing.assert_frame_equal(read_table(tmp_path / "table.csv"), table, check_dtype=False)


@pytest.mark.parametrize("text", HARMLESS)
def test_other_texts_are_written_as_they_are(text):
    table = pd.DataFrame({"area": [text], "value": [-1.0]})
    pd.testing.assert_frame_equal(quoted(table), table)
    pd.testing.assert_frame_equal(unquoted(table), table)


@pytest.mark.parametrize("separator", [";", "\t", "\r"])
def test_no_formula_begins_after_what_a_spreadsheet_takes_for_the_end_of_a_cell(tmp_path, separator):
    text = f"V4{separator}=1+1"
    write_table(pd.DataFrame({"area": [text], "value": [-1.5]}), tmp_path / "table.csv")
    assert f'"{text}",-1.5'.encode() in (tmp_path / "table.csv").read_bytes()
    assert read_table(tmp_path / "table.csv").area.tolist() == [text]


def test_names_of_columns_are_cells_too(tmp_path):
    table = pd.DataFrame({"=1+1": ["a"], "@b": [-1]})
    write_table(table, tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_text().startswith("'=1+1,'@b\n")
    pd.testing.assert_frame_equal(read_table(tmp_path / "table.csv"), table, check_dtype=False)


@given(st.lists(st.text(st.sampled_from("'=+-@\t\r\nab ,\"")), min_size=1, max_size=6, unique=True))
def test_quoting_loses_no_text(texts):
    table = pd.DataFrame({"area": pd.Series(texts, dtype=object), "value": float(len(texts))})
    pd.testing.assert_frame_equal(unquoted(quoted(table)), table)
    assert quoted(table).area.is_unique


@given(st.lists(st.text(st.sampled_from("'=+-@\t\r\nab ,\""), min_size=1), min_size=1, max_size=6))
def test_files_lose_no_text(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("tables") / "table.csv"
    table = pd.DataFrame({"area": pd.Series(texts, dtype=object), "value": 1.5})
    write_table(table, path)
    assert read_table(path, text=("area",)).area.tolist() == texts


def test_missing_texts_stay_missing(tmp_path):
    table = pd.DataFrame({"area": ["=1", None], "value": [1.0, None]})
    write_table(table, tmp_path / "table.csv")
    again = read_table(tmp_path / "table.csv")
    assert again.area[0] == "=1" and again.isna().to_numpy().tolist() == [[False, False], [True, True]]


@pytest.mark.parametrize("hidden", ["\xad", "\u180e", "\u200e", "\u202e", "\u2060", "\u2066"])
def test_formulas_behind_characters_without_width_are_quoted(hidden, tmp_path):
    write_csv(pd.DataFrame({"area": [f"{hidden}=1+1", f"{hidden}V4"]}), tmp_path / "areas.csv")
    written = pd.read_csv(tmp_path / "areas.csv")
    assert list(written.area) == [f"'{hidden}=1+1", f"{hidden}V4"]
    assert list(unquoted(written).area) == [f"{hidden}=1+1", f"{hidden}V4"]
