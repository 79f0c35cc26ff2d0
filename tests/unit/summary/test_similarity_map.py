"""The map of similarities between all layers and areas, and its figure."""

import logging
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import synthetic
from exact_gram import exact
from similarity_measures import ALL, with_ids

from ventral.core.errors import Fault
from ventral.figures.drawing import caption, draw
from ventral.figures.similarity import matrix, nodes_of
from ventral.gram import read_gram, write_gram
from ventral.recordings import Recording, read_recording, write_recording
from ventral.recordings.distances import Distances, write_distances
from ventral.representational_similarity import debiased_cka, linear_cka
from ventral.summary.representations import sets_of
from ventral.summary.tables import IMAGES_COMPARED, SIMILARITY
from ventral.summary.universality import compared_sets


def pairs_of(*files):
    """Similarity of all pairs of representations."""
    return compared_sets(sets_of(*files), {}, 0)[0]


@pytest.fixture
def files(tmp_path):
    """Grams of three layers of a set of 300 images and one of another of 20, and two recordings of the first set."""
    rng = np.random.default_rng(6)
    grams = []
    for stimuli, model, layer, n in (
        ("photos", "net", "1.10", 300),
        ("photos", "net", "fc", 300),
        ("photos", "pixels", "pixels", 300),
        ("scenes", "net", "fc", 20),
    ):
        G = with_ids(exact(rng.standard_normal((n, 12))), [f"{stimuli}{i}" for i in range(n)])
        grams.append(tmp_path / "gram" / stimuli / model / f"{layer}.h5")
        write_gram(G, grams[-1])
    order, recordings = rng.permutation(300), []
    for name, simulated in (("made", True), ("session", False)):
        units = pd.DataFrame({"unit": range(9), "area": ["V4"] * 8 + ["IT"]})
        ids = np.array([f"photos{i}" for i in order], dtype=object)
        recordings.append(tmp_path / f"{name}.h5")
        responses = rng.standard_normal((9, 300))
        write_recording(recordings[-1], Recording(name, responses, None, units, ids, simulated, "", "", ""))
    return grams, recordings


def test_every_pair_of_layers_and_areas_is_there_once(files, caplog):
    grams, recordings = files
    with caplog.at_level(logging.WARNING):
        table = pairs_of(grams, recordings, {"made": "photos", "session": "photos"}, 0)
    assert tuple(table) == SIMILARITY and {*table.stimuli} == {"photos"} and {*table.n} == {IMAGES_COMPARED}
    assert len(table) == 4 * 7 * 6 / 2
    assert not table.duplicated([*SIMILARITY[:7], "metric"]).any()
    nodes = nodes_of(table[table.metric == "cka"])
    assert nodes.model.tolist() == ["net", "net", "pixels", "made", "made", "session", "session"]
    assert nodes.kind.tolist() == ["layer"] * 3 + ["simulated recording"] * 2 + ["recording"] * 2
    # One unit has no correlations over units, so RSA is undefined where an area has one.
    undefined = table.value.isna()
    assert {*table.metric[undefined]} == {"rsa"} and undefined.sum() == 6 + 5
    assert "made, IT: no rsa" in caplog.text and "1 features" in caplog.text


def recorded_distances(path, responses, ids, observers=2, **about):
    """A recording of squared Euclidean distances between responses to the images, whose observers differ in scale."""
    i, j = np.triu_indices(len(responses), 1)
    D = np.sum((responses[i] - responses[j]) ** 2, axis=1)
    matrices = pd.DataFrame({"observer": [str(k) for k in range(observers)], "area": "V4"})
    values = np.array([(k + 1) * D for k in range(observers)])
    about = {"measure": "squared", "simulated": True, "licence": "", "citation": "", "source": ""} | about
    distances = Distances(path.stem, values, matrices, np.array(ids, dtype=object), **about)
    write_distances(path, distances)
    return distances


@pytest.mark.parametrize("squared", [True, False])
def test_areas_known_by_squared_distances_have_the_similarities_of_their_responses(files, tmp_path, squared):
    grams, _ = files
    rng = np.random.default_rng(8)
    X, order = rng.standard_normal((300, 12)), rng.permutation(300)
    recorded_distances(tmp_path / "people.h5", X[order], [f"photos{i}" for i in order], squared_euclidean=squared)
    write_gram(with_ids(exact(X), [f"photos{i}" for i in range(300)]), grams[1])
    table = pairs_of(grams[:2], [tmp_path / "people.h5"], {"people": "photos"}, 0)
    value = table.set_index(["layer", "other_model", "metric"]).value
    assert {*table.other_kind[table.other_model == "people"]} == {"simulated recording"}
    for metric in ("cka", "debiased_cka"):
        of_area = value["1.10", "people", metric], value["fc", "people", metric]
        expected = (value["1.10", "net", metric], 1) if squared else (np.nan, np.nan)
        assert of_area == pytest.approx(expected, nan_ok=True)
    assert value["fc", "people", "rsa"] > 0.6 and np.isnan(value["fc", "people", "procrustes_distance"])


def test_areas_without_some_pairs_are_left_out(files, tmp_path, caplog):
    X = np.random.default_rng(9).standard_normal((20, 5))
    ids = [f"scenes{i}" for i in range(20)]
    distances = recorded_distances(tmp_path / "people.h5", X, ids, squared_euclidean=True)
    place, read = {"people": "scenes"}, [tmp_path / "people.h5"]
    whole = pairs_of(files[0][3:], read, place, 0)
    distances.values[0, 3] = np.nan
    write_distances(read[0], distances)
    pd.testing.assert_frame_equal(pairs_of(files[0][3:], read, place, 0), whole, rtol=1e-3)  # the other observer has it
    distances.values[1, 3] = np.nan
    write_distances(read[0], distances)
    assert pairs_of(files[0][3:], read, place, 0).empty and "1 of 190 pairs" in caplog.text


def test_recordings_alone_are_compared_if_they_share_images(files, tmp_path):
    _, (made, session) = files
    responses = read_recording(made)
    other = replace(responses, name="other", stimulus_id=np.array([f"other{i}" for i in range(300)], dtype=object))
    write_recording(tmp_path / "other.h5", other)
    recorded_distances(tmp_path / "people.h5", responses.responses[:8].T, responses.stimulus_id)
    paths = [made, tmp_path / "other.h5", session, tmp_path / "people.h5"]
    names = {path.stem: path.stem for path in paths}
    sets = {name: nodes for name, nodes, _ in sets_of([], paths, names, 0)}
    assert {name: [node.model for node in nodes] for name, nodes in sets.items()} == {
        "made": ["made", "made", "session", "session", "people"],
        "other": ["other", "other"],
    }
    pictures = {name: () for name in names}  # ids of pictures of several sets may be equal by chance
    assert len([*sets_of([], paths, names, 0, pictures)]) == 4
    tables = {"similarity": pairs_of([], paths, names, 0)}
    text, title = caption("similarity", tables), draw("similarity", tables).get_suptitle()
    assert "given distances" in text and "drawn at random" in text
    tables["similarity"] = tables["similarity"][tables["similarity"].stimuli == "other"].assign(n=20)
    few = caption("similarity", tables)
    assert "given distances" not in few and "drawn at random" not in few
    assert "5 areas of recordings" in text and "from first to last" not in text and "some recordings" in title


def test_copies_of_images_are_not_compared(files):
    grams, recordings = files
    copies = {"photos": [f"photos{i}" for i in range(100, 300)]}
    table = pairs_of(grams, recordings, {"made": "photos", "session": "photos"}, 0, copies)
    assert {*table.n} == {100}
    first = [read_gram(path).subset(np.arange(100)) for path in grams[:2]]
    pair = (table.other_layer == "fc") & (table.layer == "1.10") & (table.metric == "debiased_cka")
    assert table.value[pair].item() == pytest.approx(debiased_cka(*first))


def test_images_of_a_scene_or_a_group_are_together(files):
    grams, (path, _) = files
    ids = [f"photos{i}" for i in range(300)]
    recording = read_recording(path)
    group = np.array([str(min(int(one.removeprefix("photos")), 298)) for one in recording.stimulus_id], dtype=object)
    write_recording(path, replace(recording, group=group))
    scenes = {"photos": {one: str(max(i, 1)) for i, one in enumerate(ids)}}
    (_, nodes, together), *_ = sets_of(grams[:1], [path], {"made": "photos"}, 0, scenes=scenes)
    expected = [min(max(int(one.removeprefix("photos")), 1), 298) for one in nodes[0].gram.stimulus_id]
    np.testing.assert_array_equal(together, pd.factorize(np.array(expected))[0])
    assert len(np.unique(together)) < len(together) == IMAGES_COMPARED


def test_the_map_holds_what_the_functions_give(files):
    grams, recordings = files
    ((_, nodes, _),) = sets_of(grams[:3], recordings[:1], {"made": "photos"}, 0)
    table = pairs_of(grams[:3], recordings[:1], {"made": "photos"}, 0)
    for measure in ALL:
        name = {linear_cka: "cka"}.get(measure, measure.__name__)
        values = matrix(table[table.metric == name], nodes_of(table))
        assert values[0, 1] == pytest.approx(measure(nodes[0].gram, nodes[1].gram), abs=1e-12)
        assert values[2, 3] == pytest.approx(measure(nodes[2].gram, nodes[3].gram), abs=1e-12)
    assert matrix(table[table.metric == "cka"], nodes_of(table))[2, 2] == 1


def test_the_draw_depends_on_the_seed_alone(files):
    grams, _ = files
    first, again, other = (
        pairs_of(paths, [], {}, seed) for paths, seed in ((grams[:2], 0), (grams[:3], 0), (grams[:2], 1))
    )
    again = again[(again.other_model == "net")].reset_index(drop=True)
    pd.testing.assert_frame_equal(first, again)
    assert not np.allclose(first.value, other.value)


def test_a_single_layer_has_nothing_to_compare(files):
    table = pairs_of(files[0][3:], [], {}, 0)
    assert table.empty and tuple(table) == SIMILARITY


def test_missing_images_are_named(files, tmp_path):
    grams, recordings = files
    G = with_ids(exact(np.random.default_rng(7).standard_normal((300, 4))), [f"stranger{i}" for i in range(300)])
    path = tmp_path / "gram" / "photos" / "late" / "fc.h5"
    write_gram(G, path)
    with pytest.raises(Fault, match=r"256 images .*late/fc.h5: photos\d+"):
        pairs_of([*grams[:2], path], [], {}, 0)
    with pytest.raises(Fault, match="missing from the recording made"):
        pairs_of(grams[3:], recordings[:1], {"made": "scenes"}, 0)


def test_the_figure_says_what_is_simulated_and_what_is_not_there():
    places = synthetic.models(3, 2, 1)
    tables = synthetic.study(3, 2, 1)
    for recorded, words in (
        (["simulated"], "All areas are simulated"),
        (["naturalistic", "simulated"], "3 of the 4 areas are simulated"),
        (["naturalistic"], ""),
    ):
        tables["similarity"] = synthetic.similarity(places, synthetic.recordings(*recorded))
        text, title = caption("similarity", tables), draw("similarity", tables).get_suptitle()
        assert words in text and ("simulated" in title) == ("simulated" in text) == bool(words)
    for part in (
        "256 images",
        "drawn at random from 400",
        "7 layers of 4 models",
        "1 area of recordings",
        "Gray cells",
    ):
        assert part in text
    tables["similarity"] = synthetic.similarity(places[:1], synthetic.recordings())
    assert "no more than one" in caption("similarity", tables) and not draw("similarity", tables).axes


def test_a_map_of_hundreds_of_layers_names_its_models():
    places = synthetic.models(30, 4, 0)
    tables = synthetic.study(1, 1, 0, ())
    tables |= {"layers": places, "similarity": synthetic.similarity(places, synthetic.recordings(), ["naturalistic"])}
    figure = draw("similarity", tables)
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == [f"network{i}" for i in range(30)]
    figure.draw_without_rendering()
    assert figure.axes[0].get_position().y0 > figure.axes[1].get_position().y1
