"""The page has what is needed to run a study again: its whole configuration, and checksums of what it read."""

import html
import re
from pathlib import Path

import pytest
import synthetic

from ventral.__main__ import main
from ventral.config.complete import complete
from ventral.config.study_file import read_study
from ventral.records.study_record import record_of
from ventral.report import write_report
from ventral.report.checksum_table import checksum_table
from ventral.report.provenance import yaml_text
from ventral.study import Study

ROOT = Path(__file__).parents[3]
STUDIES = [ROOT / "config.yaml", *sorted((ROOT / "tests" / "configs").glob("*.yaml"))]
FINGERPRINTS = {
    "settings": {"seed": 0},
    "stimuli": {"scenes": {"digest": "5ce2e5"}},
    "recordings": {"v4": {"digest": "ca11", "stimuli": "v4", "source": "here", "files": {"mine/v4.npz": "f11e"}}},
    "models": {"net": {"source": "torchvision", "preprocess": "", "fingerprint": "fade", "files": {}}},
}


@pytest.mark.parametrize("file", STUDIES, ids=lambda file: file.stem)
def test_the_configuration_on_the_page_gives_the_same_study(file, tmp_path, monkeypatch, capsys, nothing_is_fetched):
    monkeypatch.chdir(ROOT)  # paths in a configuration are relative to the folder of the workflow
    config = complete(read_study(file))
    (tmp_path / "again.yaml").write_text(yaml_text(config | {"pathvars": {"results": "results"}}), encoding="utf-8")
    again = complete(read_study(tmp_path / "again.yaml"))
    config, again = ({**one, "left_out": {}} for one in (config, again))
    assert again == config and record_of(Study(again)) == record_of(Study(config))
    main(["check", str(tmp_path / "again.yaml")])
    assert "no faults" in capsys.readouterr().out


def test_the_page_shows_the_configuration(tmp_path):
    config = {"title": "A <b> & c", "seed": 3, "models": synthetic.NETWORKS | synthetic.BASELINES}
    write_report(tmp_path / "page.html", synthetic.study(1, 2, 0), config)
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    [shown] = re.findall(r'<pre id="configuration"><code>(.*?)</code>', text, re.DOTALL)
    assert html.unescape(shown) == yaml_text(config)


def test_images_recordings_models_and_own_files_have_their_checksums(tmp_path):
    cells = [[cell.text for cell in row] for row in checksum_table(FINGERPRINTS).rows]
    assert ["stimulus set", "scenes", "5ce2e5", ""] in cells and ["file", "mine/v4.npz", "f11e", ""] in cells
    assert ["recording", "v4", "ca11", "here"] in cells and ["model", "net", "fade", "torchvision"] in cells
    config = {"models": synthetic.NETWORKS | synthetic.BASELINES}
    write_report(tmp_path / "page.html", synthetic.study(1, 2, 0), config, fingerprints=FINGERPRINTS)
    assert all(digest in (tmp_path / "page.html").read_text() for digest in ("5ce2e5", "f11e", "ca11", "fade"))
    write_report(tmp_path / "page.html", synthetic.study(1, 2, 0), config)
    assert 'id="table-checksums"' not in (tmp_path / "page.html").read_text()
