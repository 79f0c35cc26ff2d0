"""A study of recordings alone, without models and pictures: geometry of areas, their similarity, figures and a page."""

import numpy as np
import pandas as pd
import pytest
import yaml

from ventral.commands.check_config import check_config
from ventral.report.remake import remake

IMAGES = [f"image{i}" for i in range(24)]


def write_distances(path, responses, rng):
    """Squared distances between noisy responses to the images, in an order of their own."""
    order = rng.permutation(len(responses))
    X = (responses + 0.2 * rng.normal(size=responses.shape))[order]
    names = [IMAGES[i] for i in order]
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(np.sum((X[:, None] - X) ** 2, axis=2), names, names).to_csv(path)


@pytest.mark.slow
def test_areas_of_recordings_alone_have_geometry_a_map_figures_and_a_page(fresh, monkeypatch, capsys):
    rng = np.random.default_rng(0)
    signal = rng.normal(size=(12, 24, 1))
    areas = ["V1"] * 5 + ["V4"] * 7
    trials = signal + 0.3 * rng.normal(size=(12, 24, 3))
    np.savez(fresh.folder / "mine.npz", trials=trials, stimulus_id=IMAGES, area=areas)
    for place, units in (("V4/a", slice(5, 12)), ("V4/b", slice(5, 12)), ("IT/a", slice(0, 0))):
        shown = signal[units, :, 0].T if units.stop else rng.normal(size=(24, 6))
        write_distances(fresh.folder / f"rdms/{place}.csv", shown, rng)
    study = {"recordings": {"mine": {"kind": "npz", "file": "mine.npz"}}}
    people = {"kind": "rdm", "file": "rdms/{area}/{observer}.csv", "measure": "crossnobis", "squared_euclidean": True}
    study["recordings"]["people"] = people
    (fresh.folder / "config.yaml").write_text(yaml.safe_dump(study))
    monkeypatch.chdir(fresh.folder)
    check_config(type("Chosen", (), {"config": fresh.folder / "config.yaml"}))
    assert "has no faults" in capsys.readouterr().out
    assert "Done: 2 recordings." in fresh.run()

    results, tables = fresh.folder / "results", fresh.tables()
    assert sorted(path.stem for path in (results / "figures").glob("*.svg")) == ["areas", "similarity"]
    summary = {f"summary/{name}.csv" for name in ("recordings", "similarity", "universality")}
    assert not (results / "stimuli").exists() and {*tables} == {"geometry/mine.csv"} | summary
    table = tables["summary/recordings.csv"].set_index(["area", "metric"]).value
    assert {("V1", "effective_dimensionality"), ("V4", "effective_dimensionality_crossed")} <= {*table.index}
    similar = tables["summary/similarity.csv"].set_index(["layer", "other_model", "other_layer", "metric"]).value
    assert len(similar) == 4 * 6 and {*tables["summary/similarity.csv"].n} == {24}
    for metric in ("rsa", "debiased_cka"):
        same, other = (float(similar["V4", "people", area, metric]) for area in ("V4", "IT"))
        assert same > abs(other) + 0.4
    page = (results / "report.html").read_text()
    assert "Geometry of the areas" in page and "2 areas of 1 recording" in page and "3 matrices" in page
    assert remake(results, results / "again.html") == []
    assert (results / "again.html").read_text().count("<table") == page.count("<table")
