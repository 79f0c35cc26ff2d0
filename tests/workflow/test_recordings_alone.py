"""A study of recordings alone, without models and pictures: geometry of areas, a figure and a page."""

import numpy as np
import pytest
import yaml

from ventral.commands.check_config import check_config
from ventral.report.remake import remake


@pytest.mark.slow
def test_areas_of_recordings_alone_have_geometry_a_figure_and_a_page(fresh, monkeypatch, capsys):
    rng = np.random.default_rng(0)
    responses = rng.normal(size=(12, 24, 1)) + 0.5 * rng.normal(size=(12, 24, 3))
    areas = ["V1"] * 5 + ["V4"] * 7
    np.savez(fresh.folder / "mine.npz", trials=responses, stimulus_id=np.arange(24), area=areas)
    study = {"recordings": {"mine": {"kind": "npz", "file": "mine.npz"}}}
    (fresh.folder / "config.yaml").write_text(yaml.safe_dump(study))
    monkeypatch.chdir(fresh.folder)
    check_config(type("Chosen", (), {"config": fresh.folder / "config.yaml"}))
    assert "has no faults" in capsys.readouterr().out
    assert "Done: 1 recording." in fresh.run()

    results = fresh.folder / "results"
    assert [path.stem for path in (results / "figures").glob("*.svg")] == ["areas"]
    assert not (results / "stimuli").exists() and {*fresh.tables()} == {"geometry/mine.csv", "summary/recordings.csv"}
    table = fresh.tables()["summary/recordings.csv"].set_index(["area", "metric"]).value
    assert {("V1", "effective_dimensionality"), ("V4", "effective_dimensionality_crossed")} <= {*table.index}
    page = (results / "report.html").read_text()
    assert "Geometry of the areas" in page and "2 areas of 1 recording" in page
    assert remake(results, results / "again.html") == []
    assert (results / "again.html").read_text().count("<table") == page.count("<table")
