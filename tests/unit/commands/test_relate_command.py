"""The command `ventral relate`: published tables give published correlations, and faults leave nothing behind."""

import re
import shlex

import pytest
from checkout import ROOT

from ventral.__main__ import main
from ventral.core.table_files import read_table
from ventral.records.study_record import FILE

COLUMNS = ["--geometry", "ed", "--scores", "it"]


PAGE = ROOT / "docs/tutorials/relate_any_table.md"


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A table of five models, in the working folder."""
    monkeypatch.chdir(tmp_path)
    rows = "\n".join(f"m{i},{i + i % 2},{i * i}" for i in range(1, 6))
    (tmp_path / "table.csv").write_text(f"model,ed,it\n{rows}\n")
    return tmp_path


def test_the_published_table_gives_its_correlations(known_answers, tmp_path):
    table = str(known_answers / "dimensionality" / "layers.csv")
    columns = ["--geometry", "effective_dimensionality", "--scores", "score_it,score_v4", "--log", "effective*"]
    main(["relate", table, *columns, "--model", "architecture", "task", "source", "--out", str(tmp_path / "out")])
    found = read_table(tmp_path / "out" / "relations.csv").fillna({"given": "", "within": ""})
    found = found[(found.given == "") & (found.statistic == "pearson") & (found.geometry == "effective_dimensionality")]
    found = found.set_index(["across", "within", "score"]).value
    assert found["layers", "", "score_it"] == pytest.approx(0.8438, abs=1e-4)
    assert found["layers", "", "score_v4"] == pytest.approx(0.5720, abs=1e-4)
    assert found["layers", "Self-Supervised", "score_it"] == pytest.approx(0.9098, abs=1e-4)
    assert found["models, best layer", "", "score_it"] == pytest.approx(0.9306, abs=1e-4)
    assert "<html" in (tmp_path / "out" / "report.html").read_text()


def test_rows_that_have_no_match_are_named(small, capsys):
    (small / "more.csv").write_text("model,top_1\n" + "".join(f"m{i},{i / 9}\n" for i in range(1, 5)) + "m9,1\n")
    main(["relate", "table.csv", "more.csv", *COLUMNS, "--given", "top_1", "--out", "out"])
    printed = capsys.readouterr()
    assert "m5" in printed.err and "m9" in printed.err
    assert {"", "top_1"} <= {*read_table("out/relations.csv").given.fillna("")}


def test_a_fault_leaves_nothing_behind(small, monkeypatch):
    with pytest.raises(SystemExit, match="edd"):
        main(["relate", "table.csv", "--geometry", "edd", "--scores", "it", "--out", "out"])
    monkeypatch.setattr("ventral.report.write_report", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main(["relate", "table.csv", *COLUMNS, "--out", "out"])
    assert not (small / "out").exists() or not [*(small / "out").iterdir()]


def test_the_page_of_a_study_is_not_replaced(small):
    (small / "out" / FILE).parent.mkdir(parents=True)
    (small / "out" / FILE).write_text("{}")
    with pytest.raises(SystemExit, match="study"):
        main(["relate", "table.csv", *COLUMNS, "--out", "out"])
    (small / "file").touch()
    with pytest.raises(SystemExit, match="file"):
        main(["relate", "table.csv", *COLUMNS, "--out", "file"])


def test_the_commands_of_the_tutorial_run_as_printed(tmp_path, monkeypatch):
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```\n(\.venv/bin/ventral relate [^`]+)```", PAGE.read_text())
    commands = [block for block in blocks if "tests/data" in block]
    assert commands
    for command in commands:
        main(shlex.split(command.replace("\\\n", " "))[1:])
    table = read_table("published/relations.csv").fillna({"given": "", "within": ""})
    chosen = (table.statistic == "pearson") & (table.given == "") & (table.score == "score_it")
    chosen &= table.geometry == "effective_dimensionality"
    for row in table[chosen & (table.across == "layers") & (table.within != "trained")].itertuples():
        text = f"{row.value:.2f} [{row.low:.2f}, {row.high:.2f}]"
        assert f"| {row.within or 'all'} | {text} | {row.models} |" in PAGE.read_text()
