"""Real recordings through the whole workflow, where their files are at hand."""

import pytest
import yaml
from study import ROOT


@pytest.mark.usefixtures("macaque_v4")
def test_macaque_v4_is_predicted_by_local_energy_and_not_with_shuffled_images(fresh):
    study = yaml.safe_load((ROOT / "workflow/studies/macaque_v4.yaml").read_text())
    study["results"] = "results"
    study["models"] = {name: study["models"][name] for name in ("gabor", "pixels")}
    (fresh.folder / "config.yaml").write_text(yaml.safe_dump(study))
    fresh.run()
    table = fresh.tables()["summary/predictivity.csv"].set_index(["recording", "model", "metric"]).value.astype(float)
    for recording in ("macaque_v4_210325", "macaque_v4_201025"):
        assert table[recording, "gabor", "ridge_r"] >= 0.45
        assert table[recording, "gabor", "ridge_r"] > table[recording, "pixels", "ridge_r"]
        assert abs(table[recording, "gabor", "ridge_r_shuffled"]) < 0.05
        assert abs(table[recording, "pixels", "ridge_r_shuffled"]) < 0.05
    assert 0.70 < table["macaque_v4_210325", "gabor", "ceiling"] < 0.80

    drawn = {path.stem for path in (fresh.folder / "results/figures").glob("*.svg")}
    assert {"factorization", "invariance", "corrected_factorization", "sample_size", "classes"} <= drawn
    assert "parameter_pairs" not in drawn
    geometry = fresh.tables()["summary/geometry.csv"]
    assert set(geometry.stimuli[geometry.metric == "invariance"]) == {"macaque_v4_210325"}
    areas = fresh.tables()["summary/recordings.csv"].set_index(["recording", "metric"]).value.astype(float)
    assert areas["macaque_v4_210325", "object_decoding"] > areas["macaque_v4_210325", "object_decoding_rotated"]
    assert ("macaque_v4_201025", "effective_dimensionality") in areas.index
    assert "Geometry of the recordings" in (fresh.folder / "results/report.html").read_text()


def test_studies_with_folders_of_their_own_stand_side_by_side(finished):
    (finished.folder / "second.yaml").write_text(yaml.safe_dump(finished.config | {"results": "results/second"}))
    before = finished.files()
    finished.run("results/second/recordings/simulated.h5", "--configfile", "second.yaml")
    after = finished.files()
    assert {name: after[name] for name in before} == before
    assert "second/stimuli/naturalistic.h5" in after
    assert "Nothing to be done" in finished.run()


def test_snakemakes_own_report_holds_the_figures(finished):
    finished.run("--report", "snakemake.html")
    page = (finished.folder / "snakemake.html").read_text()
    assert "dimensionality" in page and "report.html" in page
