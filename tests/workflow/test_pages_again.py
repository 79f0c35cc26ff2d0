"""Pages without Snakemake: of a whole study, of one whose models failed, and of several studies."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from ventral.__main__ import main
from ventral.core.table_files import read_table, write_table
from ventral.summary import read_summary


def page_of(study, *arguments: str) -> str:
    out = study.folder / "again.html"
    main(["report", str(study.folder / "results"), "--out", str(out), *arguments])
    return out.read_text()


def test_the_page_of_a_whole_study_is_the_same(finished):
    assert page_of(finished) == (finished.folder / "results" / "report.html").read_text()


def test_files_that_were_deleted_after_the_summary_was_made_are_named(finished, capsys, monkeypatch):
    results, on_page = finished.folder / "results", []
    shutil.rmtree(results / "geometry" / "scenes")
    (results / "stimuli" / "scenes.png").unlink()
    monkeypatch.setattr("ventral.report.remake.write", lambda *written: on_page.extend(written[5]))
    main(["report", str(results)])
    assert "files in geometry/scenes" in on_page[0] and "stimuli/scenes.png" in on_page[1]
    assert capsys.readouterr().err.splitlines() == on_page


def test_a_study_whose_model_failed_has_a_page_that_says_so(finished, capsys):
    results = finished.folder / "results"
    shutil.rmtree(results / "geometry" / "scenes" / "pixels")
    (results / "summary" / "layers.csv").unlink()
    page = page_of(finished)
    assert "pixels" in capsys.readouterr().err
    assert "pixels is left out" in page and "squeezenet" in page
    assert not (results / "summary" / "layers.csv").exists()  # the summary of a part is not that of the study


def study_of(model: str, whole: Path, folder: Path) -> Path:
    """The summary of a study that has only one of the models."""
    summary = folder / "summary"
    summary.mkdir(parents=True)
    for file in (whole / "summary").glob("*.csv"):
        table = read_table(file)
        for column in {"model", "other_model"} & {*table}:
            table = table[table[column].isin([model, "simulated"])]
        write_table(table, summary / file.name)
    record = json.loads((whole / "summary" / "study.json").read_text())
    record["layers"] = [row for row in record["layers"] if row["model"] == model]
    record["config"]["models"] = {model: record["config"]["models"][model]}
    (summary / "study.json").write_text(json.dumps(record))
    known = json.loads((whole / "summary" / "provenance.json").read_text())
    known["models"] = {model: known["models"][model]}
    (summary / "provenance.json").write_text(json.dumps(known))
    return folder


def test_studies_are_joined_if_they_agree(finished, tmp_path, capsys):
    results = finished.folder / "results"
    parts = [study_of(model, results, tmp_path / model) for model in ("squeezenet", "pixels")]
    arguments = ["join", *map(str, parts), "--out", str(tmp_path / "both")]
    main(arguments)
    whole, joined = (read_summary(place / "summary" / "layers.csv") for place in (results, tmp_path / "both"))
    pd.testing.assert_frame_equal(joined[list(whole)], whole)
    page = (tmp_path / "both" / "report.html").read_text()
    assert "squeezenet" in page and "pixels" in page
    main(["report", str(tmp_path / "both"), "--out", str(tmp_path / "again.html")])
    assert "squeezenet" in (tmp_path / "again.html").read_text()
    main(arguments)  # the same folder again, as when a study has grown

    known = json.loads((parts[1] / "summary" / "provenance.json").read_text())
    known["settings"]["predictivity"]["splits"]["folds"] = 7
    known["stimuli"]["scenes"]["digest"] = "0"
    (parts[1] / "summary" / "provenance.json").write_text(json.dumps(known))
    with pytest.raises(SystemExit) as end:
        main(["join", *map(str, parts), "--out", str(tmp_path / "refused")])
    assert "predictivity.splits.folds" in str(end.value) and "stimuli.scenes" in str(end.value)
    assert not (tmp_path / "refused").exists()
    with pytest.raises(SystemExit, match="named twice"):
        main(["join", str(parts[0]), f"{parts[0]}/", "--out", str(tmp_path / "refused")])
    with pytest.raises(SystemExit, match="results of a study"):
        main(["join", str(parts[0]), "--out", str(results)])
