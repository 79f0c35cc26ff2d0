"""What is kept of an area: the ranks that each layer would need again, within bounds."""

import numpy as np
import pytest
from exact_gram import exact
from linear_responses import area_of, features_and_responses

from ventral.predictivity import area_geometry
from ventral.predictivity.alignment import aligned
from ventral.predictivity.area_geometry import area_geometries
from ventral.recordings.gaps import Block
from ventral.representational_similarity import rsa_vector, vector_of
from ventral.statistics.bootstrap import draws


@pytest.mark.parametrize("ties", [False, True])
def test_kept_ranks_are_those_of_the_distances(ties):
    Y = np.random.default_rng(0).standard_normal((30, 2 if ties else 12))  # distances of two units are 0 or 2
    np.testing.assert_array_equal(vector_of(area_of(Y).ranks() / 2), rsa_vector(exact(Y)))


def test_areas_are_compared_with_several_layers_at_the_cost_of_one(monkeypatch):
    X, Y = features_and_responses(n=40)
    layers, counts = [exact(X), exact(X**2)], draws(np.random.default_rng(0), 40)
    expected = [aligned(G, area_of(Y), counts) for G in layers]
    ranked, of_units = [], area_geometry.ranks_of_units
    monkeypatch.setattr(area_geometry, "ranks_of_units", lambda Y: ranked.append(Y) or of_units(Y))
    area = area_of(Y)
    assert [aligned(G, area, counts) for G in layers] == expected and len(ranked) == 1
    once = area_geometry.AreaGeometry(area.responses, area.block, keeps_ranks=False)
    assert [aligned(G, once, counts) for G in layers] == expected and len(ranked) == 3


def test_some_units_and_images_are_those_of_the_block():
    X, Y = features_and_responses(n=40, units=9)
    units, images = np.array([1, 4, 5, 8]), np.delete(np.arange(40), [3, 17])
    [part] = area_geometries(Y.T, {"V4": Block(units, images)}).values()
    G, counts, same = exact(X[images]), draws(np.random.default_rng(0), 38), area_of(Y[np.ix_(images, units)])
    found = aligned(G, part, counts)
    for name, row in aligned(G, same, counts).items():
        assert found[name] == pytest.approx(row, rel=1e-9)


def test_ranks_of_a_few_areas_are_kept_and_not_more_than_memory_allows(monkeypatch):
    Y = np.random.default_rng(0).standard_normal((40, 6))
    blocks = {f"area {i}": Block(np.array([i]), np.arange(40)) for i in range(6)}
    kept = [one.keeps_ranks for one in area_geometries(Y.T, blocks).values()]
    assert kept == [True] * 4 + [False] * 2
    monkeypatch.setattr(area_geometry, "KEPT", 2 * area_of(Y).ranks().nbytes)
    assert sum(one.keeps_ranks for one in area_geometries(Y.T, blocks).values()) == 2
