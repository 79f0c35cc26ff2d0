"""The page of a table that is not a study's lists the statistics with the columns of their files."""

import numpy as np
import pandas as pd
from wide_table import wide_table

from ventral.report.page import write_report
from ventral.report.plain_tables import MOST, plain_table


def test_a_value_and_its_interval_are_one_column_and_empty_columns_are_left_out():
    row = {
        "across": "layers",
        "within": "",
        "value": 0.5,
        "low": 0.25,
        "high": 0.75,
        "p": 1.234e-5,
        "q": np.nan,
        "n": 9,
    }
    table = plain_table("relations", pd.DataFrame([row]))
    assert [heading for heading, _ in table.columns] == ["across", "value [95 % interval]", "p", "n"]
    assert [cell.text for cell in table.rows[0]] == ["layers", "0.50 [0.25, 0.75]", "1.23e−05", "9"]


def test_missing_values_are_dashes_or_nothing():
    table = plain_table("chance", pd.DataFrame({"given": ["depth", None], "expected": [1.5, np.nan]}))
    assert [cell.text for cell in table.rows[1]] == ["", "–"]


def test_a_long_table_says_that_its_file_has_more():
    table = plain_table("relations", wide_table()["relations"])
    assert len(table.rows) == MOST and "relations.csv has all" in table.note


def test_the_page_says_how_it_was_made_and_what_was_noticed(tmp_path):
    small = wide_table(models=5, layers=2, geometry=2, scores=1)
    about = {"title": "Any table", "command": "ventral relate <a> --out b", "notes": ["c.csv: 3 rows of a & b"]}
    write_report(tmp_path / "report.html", small, about)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "ventral relate &lt;a&gt; --out b" in text and "3 rows of a &amp; b" in text
    assert "10 layers of 5 models" in text and "geometry_0 and geometry_1 go with score_0" in text
