"""The report: one file that needs no network and says what was asked, found, and how."""

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic
from PIL import Image
from vl_convert import javascript_bundle

from ventral.core.code_hash import SCRIPTS, sources
from ventral.core.errors import Fault
from ventral.core.hdf5 import create_hdf5, write_frame
from ventral.figures.spec import specs
from ventral.models.sources import model_entry
from ventral.recordings.choices import Behavior, write_behavior
from ventral.recordings.distances import Distances, write_distances
from ventral.report import charts, write_report
from ventral.report.all_tables import all_tables
from ventral.report.findings import findings
from ventral.report.methods import methods
from ventral.report.page import TEMPLATE
from ventral.report.provenance import run_times, yaml_text

VOID = {"meta", "img", "br", "hr", "link", "input"}
SETS = {"scenes": ["", "pose"], "naturalistic": ["", ""]}  # the parameters of their two images


class Page(HTMLParser):
    """Checks that tags nest, and collects what a browser would fetch, ids, and anchors."""

    def __init__(self, text):
        super().__init__()
        self.open, self.fetched, self.ids, self.anchors, self.images, self.headings = [], [], [], [], [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.fetched += [attributes[key] for key in ("src", "srcset", "poster", "data") if key in attributes]
        self.fetched += [attributes["href"]] if tag == "link" else []
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.anchors += [attributes["href"]] if tag == "a" else []
        self.images += [attributes] if tag == "img" else []
        self.headings += [tag] if re.fullmatch("h[1-6]", tag) else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def make(tmp_path):
    """Write the report of a synthetic study; gives its text."""

    def made(study, simulated=True, title="A study", grams=True, **further):
        recordings = study["predictivity"].recording.unique()
        figures = [write_figure(tmp_path / f"{name}.svg") for name in specs()]
        stimuli = [write_images(tmp_path / f"{name}.h5") for name in SETS]
        recorded = [write_area(tmp_path / f"{name}.h5", name, simulated) for name in recordings]
        write_report(
            tmp_path / "report.html",
            study,
            {"title": title, "seed": 0, "models": synthetic.NETWORKS | synthetic.BASELINES, **further},
            figures=figures,
            sheets=[write_sheet(path.with_suffix(".png")) for path in stimuli],
            stimuli=stimuli,
            recordings=recorded,
            grams=[write_fingerprint(tmp_path / "network0.h5")] if grams else [],
            benchmarks=write_benchmarks(tmp_path / "benchmarks"),
        )
        return (tmp_path / "report.html").read_text(encoding="utf-8")

    return made


def write_figure(path):
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="648pt"/>')
    return path


def write_images(path):
    """A stimulus set of two images."""
    with create_hdf5(path) as file:
        table = pd.DataFrame({"stimulus_id": ["a", "b"], "scene": ["s1", "s1"], "parameter": SETS[path.stem]})
        write_frame(file.create_group("table"), table)
        file.attrs["description"] = "Objects before <backgrounds>."
    return path


def write_sheet(path):
    Image.fromarray(np.zeros((90, 60, 3), np.uint8)).save(path)
    return path


def write_area(path, name, simulated):
    """A recording of three units, or of fifty choices."""
    if name == synthetic.CHOICES:
        trials = pd.DataFrame({"stimulus_id": ["a", "b"] * 25, "sample": ["dog", "cat"] * 25})
        trials = trials.assign(distractor=["cat", "dog"] * 25, choice="dog")
        write_behavior(path, Behavior(name, trials, False, "CC0", "Nobody (2026)", "here"))
        return path
    with create_hdf5(path) as file:
        file["responses"], file["trials"] = np.zeros((3, 2)), np.zeros((3, 2, 8))
        write_frame(file.create_group("units"), pd.DataFrame({"unit": [0, 1, 2], "area": ["V1", "V4", "V4"]}))
        file.attrs.update(simulated=simulated, source="here", licence="CC0", citation="Nobody (2026)")
        file.attrs["dropped_units"] = 1
    return path


def write_fingerprint(path):
    """A Gram of which the report reads only where its network comes from."""
    with create_hdf5(path) as file:
        file.attrs.update(model="network0", source="torchvision, random weights", fingerprint="fade" * 16)
        file.attrs["preprocess"] = "size 224, bicubic, crop 0.875"
    return path


def write_benchmarks(folder):
    """Run times of two jobs."""
    jobs = folder / "geometry" / "scenes"
    jobs.mkdir(parents=True)
    for i, seconds in enumerate((1.5, 2.5)):
        (jobs / f"{i}.tsv").write_text(f"s\th:m:s\n{seconds}\t0:00:01\n")
    return folder


def test_the_page_is_whole_and_fetches_nothing(make):
    text = make(synthetic.study())
    page = Page(text)
    assert page.fetched and all(address.startswith("data:") for address in page.fetched)
    own = text.replace(javascript_bundle(), "")
    assert len(own) < len(text) and not re.search(r"url\(|@import|<iframe|<object|fetch\(|XMLHttpRequest", own)
    assert "default-src 'none'" in text  # no request can leave the page, whatever Vega would do
    assert len(page.ids) == len(set(page.ids))
    assert all(anchor[1:] in page.ids for anchor in page.anchors if anchor.startswith("#"))
    assert all(image["alt"].strip() for image in page.images) and len(page.images) == len(specs()) + 2
    assert page.headings[0] == "h1" and page.headings.count("h1") == 1
    assert len(text) < 10e6


def test_a_change_of_any_part_of_the_template_makes_the_page_again():
    parts = {*TEMPLATE.parent.iterdir(), *Path(charts.__file__).parent.glob("*.js")}
    assert len(parts) > 10 and parts <= sources(SCRIPTS / "report.py")


def test_the_page_says_what_is_simulated_and_untrained(make):
    text = make(synthetic.study())
    assert "All responses are simulated" in text and '<span class="badge">simulated</span>' in text
    assert "All networks have random weights" in text
    for part in (
        "CC0",
        "Nobody (2026)",
        "never vary: 1",
        "V1: 1, V4: 2",
        "torchvision, untrained, seed 0",
        "fadefade",
        "bicubic",
    ):
        assert part in text, part


def test_real_recordings_are_not_called_simulated(make):
    text = make(synthetic.study(recorded=("macaque_v4_210325",), parameters=()), simulated=False)
    assert "simulated" not in text.split("</header>")[0] and "badge" not in text.split("</style>")[1]


def test_a_study_without_recordings_still_has_its_page(make):
    text = make(synthetic.study(recorded=()), grams=False)
    assert "It has no recordings" in text and 'id="recordings"' not in text
    Page(text)


def test_what_comes_from_outside_is_escaped(make):
    text = make(synthetic.study(1, 2, 0), title="<script>alert(1)</script> & co")
    assert "<script>alert" not in text and "&lt;script&gt;alert" in text and "before &lt;backgrounds&gt;" in text


def test_run_times_are_sums_over_jobs(make, tmp_path):
    make(synthetic.study(1, 2, 0))
    (tmp_path / "benchmarks" / "geometry" / "torn.tsv").write_text("s\n")
    (tmp_path / "benchmarks" / "summary").mkdir()
    (tmp_path / "benchmarks" / "summary" / "summary.tsv").write_text("s\n7.25\n")
    assert run_times(tmp_path / "benchmarks") == [("geometry", 2, 4.0, 2.5), ("summary", 1, 7.25, 7.25)]
    assert run_times(tmp_path / "nowhere") == []


def test_a_broken_contact_sheet_is_named(make, tmp_path):
    make(synthetic.study(1, 2, 0))
    (tmp_path / "scenes.png").write_bytes(b"\x89PNG")
    with pytest.raises(Fault, match=r"scenes\.png is not a complete image"):
        write_report(tmp_path / "again.html", synthetic.study(1, 2, 0), {}, [], [tmp_path / "scenes.png"], [])


def test_weights_and_configuration_in_words():
    vit = {"source": "timm", "architecture": "test_vit", "weights": None, "seed": 3}
    assert model_entry(vit).weights_in_words(0) == "timm, untrained, seed 3"
    alexnet = {"source": "torchvision", "architecture": "alexnet", "weights": "IMAGENET1K_V1"}
    assert model_entry(alexnet).weights_in_words(0) == "torchvision, IMAGENET1K_V1"
    assert yaml_text({"title": "α", "pathvars": {}, "seed": 0}) == "title: α\nseed: 0\n"


def test_models_that_are_left_out_are_listed_with_where_their_weights_are(make):
    about = {"reason": "there is no file 'm.pth'.", "where": "Its README."}
    text = make(synthetic.study(), left_out={"moco": about, "simclr": about})
    assert "moco and simclr" in text
    assert text.count("moco") >= 2 and "there is no file &#39;m.pth&#39;." in text and "Its README." in text


def test_methods_are_those_of_the_study(make):
    headings = {method.heading for method in methods(synthetic.study(1, 2, 0))}
    assert {"Factorization", "Corrected effective dimensionality", "Few-shot classes", "Predictivity"} <= headings
    assert "Equivariance" not in headings
    bare = {method.heading for method in methods(synthetic.study(1, 2, 0, (), ()))}
    absent = ("Factorization", "Intervals over scenes and control", "Predictivity", "Recorded areas without noise")
    assert not bare & {*absent}
    assert "Few-shot classes <code>" in make(synthetic.study(1, 2, 0))


def test_choices_of_observers_are_described_found_and_listed(make):
    study = synthetic.study(5, recorded=("simulated", "choices"))
    text = make(study)
    assert "50 choices of 2 recordings" in text and "distractor" in text
    assert "Observers’ choices" in text and "Rajalingham" in text
    found = findings(study)["Predictivity"]
    assert any("i2n = 0.30 [0.26, 0.34] over 900 image–distractor pairs" in claim.text for claim in found)
    [table] = [table for table in all_tables(study) if table.id == "behavior"]
    assert len(table.rows) == len(study["layers"]) and table.rows[0][4].text == "0.30 [0.26, 0.34]"
    assert not next(table for table in all_tables(synthetic.study()) if table.id == "behavior").rows


def test_images_that_networks_were_trained_on_are_marked(make):
    entry = {"objective": "barlow_twins", "lambda": [0], "seeds": [0], "data": {"folder": "photographs"}, "size": 32}
    networks = {"sweep": entry | {"architecture": "resnet18", "arguments": {}, "layers": "auto", "last": 4}}
    stimuli = {"scenes": {"kind": "images", "folder": "photographs"}, "naturalistic": {"kind": "scenes"}}
    text = make(synthetic.study(), stimuli=stimuli, networks=networks, results="results")
    assert text.count("Networks of this study were trained on these images") == 2  # a note, and at the set


def test_distances_are_counted_by_matrix_and_observer_and_areas_alone_ask_nothing_of_networks(tmp_path):
    rng, about = np.random.default_rng(0), {"simulated": False, "licence": "", "citation": "", "source": ""}
    for name, observers, areas in (("several", ["a", "a", "b"], ["V1", "V4", "V1"]), ("single", ["a"], ["V1"])):
        matrices, ids = pd.DataFrame({"observer": observers, "area": areas}), np.array(list("pqrs"), dtype=object)
        values = rng.random((len(matrices), 6))
        write_distances(tmp_path / f"{name}.h5", Distances(name, values, matrices, ids, "judged", **about))
    recordings = [tmp_path / "several.h5", tmp_path / "single.h5", write_area(tmp_path / "v4.h5", "v4", False)]
    shown = pd.DataFrame({"recording": ["v4"], "simulated": [False], "stimuli": ["photos"]})
    summary = {"areas": synthetic.recorded_geometry(shown, ("V4",))}
    write_report(tmp_path / "report.html", summary, {"title": "Areas"}, recordings=recordings)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert re.search(r"3 matrices of\s+2 observers \(V1: 2, V4: 1\)", text)
    assert re.search(r"1 matrix of\s+1 observer \(V1: 1\)", text) and "brain-like" not in text
