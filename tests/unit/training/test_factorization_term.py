"""The factorization term: images vary along some axes, views about them along others."""

import numpy as np
import pytest
import torch

from ventral.training.factorization_term import FactorizationTerm


def normal(*shape, seed=0):
    return torch.tensor(np.random.default_rng(seed).standard_normal(shape), dtype=torch.float32)


def filled(images, queue=None):
    """A term whose queue holds rows of images, given as two equal views."""
    term = FactorizationTerm(queue=queue or len(images))
    assert term([images, images]) == 0
    return term


def views_along(axes, d, n=8, seed=3):
    """Two views of n images that differ along the first of `axes` only, and about nowhere in particular."""
    away = torch.zeros(n, d)
    away[:, axes] = normal(n, len(axes), seed=seed)
    images = normal(n, d, seed=seed + 1)
    return [images + away, images - away]


def images_along(axes, d, n=64):
    images = torch.full((n, d), 2.0)  # the mean image is no direction in which images differ
    images[:, axes] += normal(n, len(axes), seed=9)
    return images


@pytest.mark.parametrize("d", [6, 90])  # fewer and more dimensions than images
@pytest.mark.parametrize(("axes", "expected"), [([3, 4, 5], 0.0), ([0, 1, 2], 1.0), ([1], 1.0), ([0, 5], None)])
def test_the_factorization_term_is_the_share_of_variance_within_the_images_space(d, axes, expected):
    views = views_along(axes, d)
    if expected is None:
        away = (views[0] - views[1]).square().sum(dim=0)
        expected = away[0] / away.sum()
    term = filled(images_along([0, 1, 2], d))
    np.testing.assert_allclose(term(views), expected, rtol=1e-4, atol=1e-6)  # a few roundings of float32


@pytest.mark.parametrize("d", [6, 90])
def test_the_factorization_term_is_unchanged_by_rotation_shift_and_scale(d):
    images, views = normal(64, d) * torch.arange(1.0, d + 1), normal(2, 8, d)
    rotation = torch.linalg.qr(normal(d, d, seed=8))[0].float()
    moved = filled(images @ rotation * 3 + 1)(list(views @ rotation * 3 + 1))
    expected = filled(images)(list(views))
    assert 0.01 < expected < 0.99
    torch.testing.assert_close(moved, expected, rtol=1e-3, atol=1e-5)  # eigenvectors of near eigenvalues mix in float32


def test_components_are_the_fewest_that_hold_90_percent():
    axes = torch.eye(4)[:, :3]
    for scales, kept in (([3.0, 0.9, 0.1], 1), ([2.9, 1.0, 0.1], 2), ([1.0, 1.0, 1.0], 3)):
        hadamard = torch.tensor([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1.0]])
        images = (hadamard * torch.tensor(scales)) @ axes.T  # the first axis holds 92, 89, 33 %
        shares = [filled(images)(views_along([axis], 4)).item() for axis in range(4)]
        np.testing.assert_allclose(shares, [axis < kept for axis in range(4)], atol=1e-5)


def test_the_factorization_term_waits_for_a_full_queue_and_keeps_the_latest():
    term = FactorizationTerm(queue=10)
    batches = normal(4, 4, 6)
    views = views_along([0, 1], 6, n=4)
    for k, batch in enumerate(batches):
        assert len(term.means) == min(4 * k, 10)
        assert (term([batch, batch + views[0]]) > 0) == (k == 3)
    torch.testing.assert_close(term.means, (batches + views[0] / 2).reshape(16, 6)[-10:])


def test_only_the_views_get_a_gradient():
    term = filled(images_along([0, 1], 6))
    views = [view.requires_grad_() for view in views_along([0, 3], 6)]
    term(views).backward()
    assert all(view.grad[:, [0, 3]].all() for view in views) and not term.means.requires_grad
    # moving apart along axis 3 alone makes the share smaller, along axis 0 larger
    away = views[0].detach() - views[1].detach()
    assert (views[0].grad[:, 0] * away[:, 0]).sum() > 0 > (views[0].grad[:, 3] * away[:, 3]).sum()


def test_equal_views_have_no_share_and_no_gradient():
    term = filled(images_along([0, 1], 6))
    views = [normal(5, 6).requires_grad_() for _ in range(2)]
    value = term(views)
    value.backward()
    assert value == 0 and all(not view.grad.any() for view in views)


def test_the_queue_survives_being_saved(tmp_path):
    term = filled(normal(12, 6), queue=20)
    torch.save(term.state_dict(), tmp_path / "term.pth")
    again = FactorizationTerm(queue=20)
    again.load_state_dict(torch.load(tmp_path / "term.pth", weights_only=True))
    for seed in range(4):
        views = list(normal(2, 8, 6, seed=seed))
        assert term(views).equal(again(views)) and term.means.equal(again.means)
    fresh = FactorizationTerm()
    fresh.load_state_dict(FactorizationTerm().state_dict())
    assert fresh.means.shape == (0, 0)


def test_a_step_that_overflowed_does_not_spoil_the_queue():
    term = filled(images_along([0, 1], 6))
    before = term.means
    assert term([torch.full((4, 6), torch.inf)] * 2).isnan()
    assert term.means.equal(before)


def test_factorization_is_float32_and_refuses_what_does_not_fit():
    term = filled(images_along([0, 1], 6))
    views = [view.bfloat16() for view in views_along([0, 3], 6)]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value = term(views)
    assert value.dtype == torch.float32 and value.equal(filled(images_along([0, 1], 6))([v.float() for v in views]))
    with pytest.raises(ValueError, match="compares two or more views"):
        term(views[:1])
