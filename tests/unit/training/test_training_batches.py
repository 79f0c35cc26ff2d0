"""What networks see in training: halves, paired augmentations, and the same batches from any step."""

import numpy as np
import pandas as pd
import pytest
import torch
from small_training import small_spec
from training_results import all_batches

from ventral.stimuli.augmentations import apply
from ventral.training.batches import draw_epoch
from ventral.training.image_sources import open_source
from ventral.training.learner import Learner


def test_halves_are_disjoint_and_drawn_anew_in_each_epoch():
    drawn = [draw_epoch(101, 3, epoch, {}) for epoch in range(4)]
    for epoch in drawn:
        assert epoch.images.shape == (2, 50) and len({*epoch.images.ravel()}) == 100
        assert all(len(view) == 50 for view in epoch.views)
    assert len({epoch.images.tobytes() for epoch in drawn}) == 4
    again, other = draw_epoch(101, 3, 2, {}), draw_epoch(101, 4, 2, {})
    np.testing.assert_array_equal(again.images, drawn[2].images)
    pd.testing.assert_frame_equal(again.views[1], drawn[2].views[1])
    assert (other.images != again.images).any() and (other.views[0] != again.views[0]).any(axis=None)
    assert again.views[0]["blur_applied"].all() and not again.views[0]["solarize"].any()  # view A as published
    assert 0 < again.views[1]["solarize"].mean() < 0.5


def test_pairs_get_the_same_two_augmentations(small, source):
    spec = small(augmentation={"crop_area": [0.3, 0.9]})
    epoch = draw_epoch(17, 0, 1, spec["augmentation"])
    (batch,) = all_batches(source, spec)[3]  # the second step of the second epoch
    shown = batch.images.view(2, 2, 4, 16, 16, 3)  # view, half, pair
    for view in range(2):
        for half in range(2):
            for pair in range(4):
                image, row = source[epoch.images[half, 4 + pair]], epoch.views[view].iloc[4 + pair]
                np.testing.assert_array_equal(shown[view, half, pair], apply(image, row, 16))
    np.testing.assert_array_equal(batch.labels, source.labels[epoch.images[:, 4:8]].ravel())


def test_equal_images_come_out_equal_under_paired_augmentations(tmp_path):
    image = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    np.savez(tmp_path / "same.npz", images=np.stack([image] * 10))
    source = open_source({"folder": str(tmp_path / "same.npz")})
    for (batch,) in all_batches(source, small_spec(tmp_path)):
        views = batch.images.view(2, 2, 4, 16, 16, 3)
        assert torch.equal(views[:, 0], views[:, 1]) and not torch.equal(views[0], views[1])


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_are_the_same_from_any_step_with_any_workers(small, source, workers):
    spec = small(accumulate=2)
    whole, later = all_batches(source, spec), all_batches(source, spec, first=3, workers=workers)
    assert len(whole) == 6 and len(later) == 3
    for parts, others in zip(whole[3:], later, strict=True):
        assert all(torch.equal(part.images, other.images) for part, other in zip(parts, others, strict=True))


def test_processes_and_parts_share_a_batch(small, source, monkeypatch):
    monkeypatch.setattr("ventral.training.batches.CHUNK", 2)
    ((whole,), *_) = all_batches(source, small(batch=8))
    shares = [all_batches(source, small(batch=8, processes=2, accumulate=2), rank=rank)[0] for rank in range(2)]
    views = [[part.images.view(4, 2, 16, 16, 3) for part in share] for share in shares]
    in_order = torch.cat([views[rank][part] for part in range(2) for rank in range(2)], dim=1)
    assert torch.equal(in_order, whole.images.view(4, 8, 16, 16, 3))


def test_a_chunk_does_not_decide_what_a_batch_holds(small, source, monkeypatch):
    whole = all_batches(source, small())
    monkeypatch.setattr("ventral.training.batches.CHUNK", 3)
    for (batch,), (other,) in zip(whole, all_batches(source, small()), strict=True):
        assert torch.equal(batch.images, other.images) and torch.equal(batch.labels, other.labels)


def test_batched_augmentations_give_the_views_that_pillow_gives(small, source, monkeypatch):
    monkeypatch.setattr("ventral.training.batches.CHUNK", 3)
    spec = small(batch=8)
    network = Learner(spec, 0, 1, "small", "cpu")
    for (plain,), (cropped,) in zip(all_batches(source, spec), all_batches(source, spec, only_crop=True), strict=True):
        assert cropped.table is not None and plain.table is None
        difference = network.views_of(plain) - network.views_of(cropped)
        assert difference.abs().max() * 0.229 <= 8 / 255  # rounding that operations after it enlarge
        assert difference.abs().mean() * 0.229 < 0.5 / 255


def test_images_are_decoded_once_up_to_a_limit(small):
    source = open_source(small()["data"])
    assert source[0] is source[0] and source[3] is source[3]
    source = open_source(small()["data"])
    source.kept_bytes = 4 * source[0].width * source[0].height - 1
    assert source[0] is source[0] and source[5] is not source[5]
