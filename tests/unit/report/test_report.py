"""The report: one file that needs no network, and sentences that do not say more than the tables."""

import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
import synthetic
from PIL import Image

from ventral.core.errors import Fault
from ventral.core.hdf5 import create_hdf5, write_frame
from ventral.figures.drawing import caption
from ventral.figures.spec import specs
from ventral.models.sources import model_entry
from ventral.recordings.choices import Behavior, write_behavior
from ventral.report import write_report
from ventral.report.all_tables import all_tables
from ventral.report.embed import picture, scaled_picture
from ventral.report.findings import caveats, findings, verdict
from ventral.report.layer_tables import layer_tables
from ventral.report.methods import methods
from ventral.report.provenance import run_times, yaml_text

VOID = {"meta", "img", "br", "hr", "link", "input"}
ALEXNET = {"source": "torchvision", "architecture": "alexnet", "weights": None, "baseline": False}
NETWORKS = {f"network{i}": ALEXNET for i in range(8)}
BASELINES = {
    name: {"source": "python", "factory": "package:function", "baseline": True} for name in ("gabor", "pixels")
}


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
        for name in specs():
            (tmp_path / f"{name}.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
        for name, parameters in (("scenes", ["", "pose"]), ("naturalistic", ["", ""])):
            with create_hdf5(tmp_path / f"{name}.h5") as file:
                table = pd.DataFrame({"stimulus_id": ["a", "b"], "scene": ["s1", "s1"], "parameter": parameters})
                write_frame(file.create_group("table"), table)
                file.attrs["description"] = "Objects before <backgrounds>."
            Image.fromarray(np.zeros((90, 60, 3), np.uint8)).save(tmp_path / f"{name}.sheet.png")
            (tmp_path / f"{name}.sheet.png").rename(tmp_path / f"{name}.png")
        recordings = study["predictivity"].recording.unique()
        for name in recordings:
            if name == synthetic.CHOICES:
                trials = pd.DataFrame({"stimulus_id": ["a", "b"] * 25, "sample": ["dog", "cat"] * 25})
                trials = trials.assign(distractor=["cat", "dog"] * 25, choice="dog")
                write_behavior(tmp_path / f"{name}.h5", Behavior(name, trials, False, "CC0", "Nobody (2026)", "here"))
                continue
            with create_hdf5(tmp_path / f"{name}.h5") as file:
                file["responses"], file["trials"] = np.zeros((3, 2)), np.zeros((3, 2, 8))
                write_frame(file.create_group("units"), pd.DataFrame({"unit": [0, 1, 2], "area": ["V1", "V4", "V4"]}))
                file.attrs.update(simulated=simulated, source="here", licence="CC0", citation="Nobody (2026)")
                file.attrs["dropped_units"] = 1
        with create_hdf5(tmp_path / "network0.h5") as file:
            file.attrs.update(model="network0", source="torchvision, random weights", fingerprint="fade" * 16)
            file.attrs["preprocess"] = "size 224, bicubic, crop 0.875"
        jobs = tmp_path / "benchmarks" / "geometry" / "scenes"
        jobs.mkdir(parents=True)
        for i, seconds in enumerate((1.5, 2.5)):
            (jobs / f"{i}.tsv").write_text(f"s\th:m:s\n{seconds}\t0:00:01\n")
        write_report(
            tmp_path / "report.html",
            study,
            {"title": title, "seed": 0, "models": NETWORKS | BASELINES, **further},
            figures=[tmp_path / f"{name}.svg" for name in specs()],
            sheets=[tmp_path / f"{name}.png" for name in ("scenes", "naturalistic")],
            stimuli=[tmp_path / f"{name}.h5" for name in ("scenes", "naturalistic")],
            recordings=[tmp_path / f"{name}.h5" for name in recordings],
            grams=[tmp_path / "network0.h5"] if grams else [],
            benchmarks=tmp_path / "benchmarks",
        )
        return (tmp_path / "report.html").read_text(encoding="utf-8")

    return made


def test_the_page_is_whole_and_fetches_nothing(make):
    text = make(synthetic.study())
    page = Page(text)
    assert page.fetched and all(address.startswith("data:") for address in page.fetched)
    assert not re.search(r"url\(|@import|<iframe|<object|fetch\(|XMLHttpRequest", text)
    assert len(page.ids) == len(set(page.ids))
    assert all(anchor[1:] in page.ids for anchor in page.anchors if anchor.startswith("#"))
    assert all(image["alt"].strip() for image in page.images) and len(page.images) == len(specs()) + 2
    assert page.headings[0] == "h1" and page.headings.count("h1") == 1
    assert len(text) < 10e6


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


def test_damaged_pictures_are_named(tmp_path):
    sheet, figure = tmp_path / "sheet.png", tmp_path / "figure.svg"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 90, 3), np.uint8)).save(sheet)
    content = bytearray(sheet.read_bytes())
    content[len(content) // 2] ^= 1
    sheet.write_bytes(content)
    with pytest.raises(Fault, match=r"sheet\.png is not a complete image"):
        scaled_picture(sheet)
    figure.write_text('<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0L1 1"/><path d="M0 0L1')
    with pytest.raises(Fault, match=r"figure\.svg is not a complete image"):
        picture(figure)


def test_a_large_sheet_is_scaled_down(tmp_path):
    Image.fromarray(np.zeros((900, 4000, 3), np.uint8)).save(tmp_path / "sheet.png")
    kind, content = scaled_picture(tmp_path / "sheet.png").split(",")
    assert kind == "data:image/jpeg;base64"
    with Image.open(io.BytesIO(base64.b64decode(content))) as image:
        assert image.size == (1600, 360)


def test_an_interval_that_includes_zero_establishes_nothing():
    row = pd.Series({"value": 0.4, "low": -0.1, "high": 0.8, "n": 32, "models": 8, "families": 8})
    assert "includes 0, so no relation is established" in verdict(row)
    assert "excludes 0" in verdict(row.replace({-0.1: 0.1}))


def test_findings_name_the_best_layer_its_ceiling_and_a_better_baseline():
    study = synthetic.study()
    rows = study["predictivity"]
    chosen = (rows.metric == "ridge_r") & (rows.area == "IT")
    best = (rows.model == "network2") & (rows.layer == "features.1")
    rows.loc[chosen & best, ["value", "low", "high"]] = (0.8, 0.7, 0.9)
    rows.loc[chosen & (rows.model == "gabor"), ["value", "low", "high"]] = (0.9, 0.85, 0.95)
    sentence = next(text for text in findings(study)["Predictivity"] if text.startswith("IT"))
    assert "features.1 of network2, r = 0.80 [0.70, 0.90] over 60 units" in sentence
    assert "√c = 0.87" in sentence and "gabor, has r = 0.90 [0.85, 0.95]" in sentence
    assert "overlap" not in sentence and "no layer exceeds r = 0.01" in sentence


def test_relations_are_found_and_three_networks_are_too_few():
    related = findings(synthetic.study())["Geometry and predictivity"]
    assert any("The strongest of these is" in text and "excludes 0" in text for text in related)
    few = synthetic.study(3)
    config = {"models": NETWORKS | BASELINES}
    assert "Geometry and predictivity" not in findings(few)
    assert any("four networks" in text for text in caveats(few, config))


def test_networks_of_one_entry_are_counted_as_one():
    study = synthetic.trained(entries=("first", "second"), seeds=(0, 1))
    config = {"models": dict.fromkeys(study["layers"].model.unique(), ALEXNET)}
    assert study["relations"].value.isna().all()  # thirteen networks, three families
    assert any("four networks" in text and "count as one" in text for text in caveats(study, config))
    study = synthetic.trained(entries=("first", "second", "third"), seeds=(0, 1))
    row = study["relations"].query("across == 'layers'").iloc[0]
    assert "over 38 layers of 19 networks in 4 families;" in verdict(row)
    text = caption("dimensionality", study)
    assert "19 networks in 4 families" in text and "resamples of whole families" in text
    table = next(table for table in all_tables(study) if table.id == "relations")
    assert [cell.text for cell in table.rows[0]][-2:] == ["19", "4"] and "than four families have it" in table.note
    assert len(table.columns) == len(table.rows[0])
    plain = next(table for table in all_tables(synthetic.study()) if table.id == "relations")
    assert [heading for heading, _ in plain.columns][-1] == "networks" and "whole models" in plain.note


def test_weights_and_configuration_in_words():
    vit = {"source": "timm", "architecture": "test_vit", "weights": None, "seed": 3}
    assert model_entry(vit).weights_in_words(0) == "timm, untrained, seed 3"
    alexnet = {"source": "torchvision", "architecture": "alexnet", "weights": "IMAGENET1K_V1"}
    assert model_entry(alexnet).weights_in_words(0) == "torchvision, IMAGENET1K_V1"
    assert yaml_text({"title": "α", "pathvars": {}, "seed": 0}) == "title: α\nseed: 0\n"


def test_parameters_stand_in_the_order_of_the_study():
    table = next(table for table in all_tables(synthetic.study()) if table.id == "deepest-layers")
    headings = [heading for heading, _ in table.columns[3:]]
    assert headings == [f"{letter} {name}" for letter in "FI" for name in synthetic.PARAMETERS]


def test_areas_of_recordings_stand_with_and_without_noise():
    study = synthetic.study(recorded=("simulated", "macaque_v4_210325"))
    table = next(table for table in all_tables(study) if table.id == "recorded-areas")
    rows = [[cell.text for cell in row] for row in table.rows]
    assert ["V4 (macaque_v4_210325)", "factorization for variation", *2 * ["0.78 [0.50, 20.00]"], "400"] in rows
    assert ["V1 (simulated)", "ED", "14.00 [0.50, 20.00]", "11.50 [0.50, 20.00]", "400"] in rows
    assert ["V1 (simulated)", "object decoding", "0.35 [0.50, 20.00]", "–", "400"] in rows
    assert len(rows) == 3 * 2 + 3
    assert not next(table for table in all_tables(synthetic.study(recorded=())) if table.id == "recorded-areas").rows


def test_relations_are_the_strongest_of_many_and_none_is_undefined():
    study = synthetic.study()
    table = next(table for table in all_tables(study) if table.id == "relations")
    headline = study["relations"].query("metric == 'ridge_r' and statistic == 'pearson'")
    strengths = [abs(row[3].value) for row in table.rows]
    assert strengths == sorted(strengths, reverse=True) and strengths[0] == headline.value.abs().max()
    total = headline.value.notna().sum()
    assert len(table.rows) == min(200, total) and (total <= 200 or f"of {total:,}; relations.csv" in table.note)
    assert not next(table for table in all_tables(synthetic.study(3)) if table.id == "relations").rows


def geometry_sentences(study):
    """All that is said of geometry."""
    said = findings(study)
    return [
        sentence for topic in ("Factorization and invariance", "Dimensionality and classes") for sentence in said[topic]
    ]


def test_findings_say_how_far_correcting_goes_and_which_parameters_share_axes():
    study = synthetic.study()
    rows = study["geometry"]
    pair = (rows.parameter == "pose") & (rows.against == "lighting") & ~rows.model.isin([*BASELINES])
    rows.loc[pair, "value"] = 0.03
    changed = (rows.metric == "corrected_covariance_factorization") & (rows.model == "network5")
    rows.loc[changed, ["value", "low", "high"]] -= 1
    said = geometry_sentences(study)
    assert any(
        "changes it by 0.10 (median of 32 cases" in text and "becomes lower in 4. In 4 of the 32" in text
        for text in said
    )
    assert any(
        "12 ordered pairs of parameters on scenes, pose shares most axes with lighting: 0.03" in text for text in said
    )


def test_findings_on_samples_and_classes_have_their_ranges_chance_and_a_better_baseline():
    study = synthetic.study()
    rows = study["geometry"]
    five = (
        (rows.metric == "prototype_top_1") & (rows.parameter == "5-shot") & (rows.layer.isin(["features.3", "energy"]))
    )
    rows.loc[five, ["value", "low", "high"]] = (0.3, 0.2, 0.4)
    rows.loc[five & (rows.model == "network1"), ["value", "low", "high"]] = (0.5, 0.4, 0.6)
    rows.loc[five & (rows.model == "pixels"), "value"] = 0.7
    said = geometry_sentences(study)
    expected = (
        "name 30 % to 50 % of other images right (chance 10 %); the best is network1, with 40 % to 60 % over draws."
    )
    assert any(expected in text and "pixels, names 70 %" in text for text in said)
    assert any("With 50 of the 400 images" in text and "1.00 (1.00 to 1.00) when corrected" in text for text in said)


def test_augmentations_have_their_sentences_tables_and_methods():
    study = synthetic.study(2, 2, 1, augmentations=True)
    [cosines, decoded] = findings(study)["Equivariance"]
    assert "0.30 (0.30 to 0.30) for the same augmentations of two images" in cosines
    assert "crop x is decoded best (median r over networks 0.70) and hue worst (0.10)" in decoded
    found = {table.id: table for table in layer_tables(study)}
    assert list(found) == ["classes-naturalistic", "equivariance-augmented", "decoding-augmented"]
    assert found["equivariance-augmented"].rows[0][3].text == "0.30 [0.20, 0.40]"
    assert [heading for heading, _ in found["decoding-augmented"].columns] == [
        "model",
        "training",
        "layer",
        "crop x",
        "hue",
    ]
    assert "Equivariance" in {method.heading for method in methods(study)}


def test_tables_of_the_deepest_layers_hold_them_and_only_what_is_measured():
    study = synthetic.study(2, 3, 1)
    [table] = layer_tables(study)
    assert [row[2].text for row in table.rows] == ["features.2", "features.2", "energy"]
    headings = [heading for heading, _ in table.columns]
    assert headings[3:6] == ["nearest mean 1-shot", "nearest mean 5-shot", "nearest mean 20-shot"]
    assert "projection distance" in headings and "signal" not in headings
    rows = study["geometry"].query("model == 'network1' and layer == 'features.2' and metric == 'max_margin_top_1'")
    cell = table.rows[1][headings.index("maximal margin 20-shot")]
    assert cell.value == rows.value[rows.parameter == "20-shot"].item()
    study["geometry"] = study["geometry"][study["geometry"].metric != "top_1_floor"]
    assert layer_tables(study) == []


def test_methods_are_those_of_the_study(make):
    headings = {method.heading for method in methods(synthetic.study(1, 2, 0))}
    assert {"Factorization", "Corrected effective dimensionality", "Few-shot classes", "Predictivity"} <= headings
    assert "Equivariance" not in headings
    bare = {method.heading for method in methods(synthetic.study(1, 2, 0, (), ()))}
    absent = ("Factorization", "Intervals over scenes and control", "Predictivity", "Recorded areas without noise")
    assert not bare & {*absent}
    assert "Few-shot classes <code>" in make(synthetic.study(1, 2, 0))


def test_every_layer_has_its_scores_and_only_what_is_measured_is_shown():
    study = synthetic.study()
    rows = study["predictivity"]
    more = [rows[rows.metric == "ridge_r"].assign(metric=name, value=x) for name, x in (("pls_r", 0.25), ("rsa", 0.1))]
    study["predictivity"] = pd.concat([rows, *more], ignore_index=True)
    table = next(table for table in all_tables(study) if table.id == "scores")
    headings = [heading for heading, _ in table.columns]
    assert headings[:5] == ["area", "model", "training", "layer", "r"] and headings[-2:] == ["PLS r", "RSA"]
    assert {*headings[5:]} == {"r²/c", "RSA", "r, shuffled", "PLS r"}
    assert len(table.rows) == 3 * len(study["layers"])
    assert {(row[-2].text, row[-1].text) for row in table.rows} == {("0.25", "0.10")}


def test_choices_of_observers_are_described_found_and_listed(make):
    study = synthetic.study(5, recorded=("simulated", "choices"))
    text = make(study)
    assert "50 choices of 2 recordings" in text and "distractor" in text
    assert "Observers’ choices" in text and "Rajalingham" in text
    found = findings(study)["Predictivity"]
    assert any("i2n = 0.30 [0.26, 0.34] over 900 image–distractor pairs" in sentence for sentence in found)
    [table] = [table for table in all_tables(study) if table.id == "behavior"]
    assert len(table.rows) == len(study["layers"]) and table.rows[0][4].text == "0.30 [0.26, 0.34]"
    assert not next(table for table in all_tables(synthetic.study()) if table.id == "behavior").rows


def test_a_study_without_baselines_is_told_that_it_has_no_controls():
    said = {n: caveats(synthetic.study(baselines=n), {"models": NETWORKS | BASELINES}) for n in (0, 2)}
    assert any("baseline" in note for note in said[0]) and not any("baseline" in note for note in said[2])
    none_recorded = synthetic.study(baselines=0, recorded=())
    assert not any("baseline" in note for note in caveats(none_recorded, {"models": NETWORKS | BASELINES}))


def test_images_that_networks_were_trained_on_are_marked(make):
    entry = {"objective": "barlow_twins", "lambda": [0], "seeds": [0], "data": {"folder": "photographs"}, "size": 32}
    networks = {"sweep": entry | {"architecture": "resnet18", "arguments": {}, "layers": "auto", "last": 4}}
    stimuli = {"scenes": {"kind": "images", "folder": "photographs"}, "naturalistic": {"kind": "scenes"}}
    text = make(synthetic.study(), stimuli=stimuli, networks=networks, results="results")
    assert text.count("Networks of this study were trained on these images") == 2  # a note, and at the set
