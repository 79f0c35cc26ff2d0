"""Losses of two views: their formulas, what they leave unchanged, and the values of a public library.

Comparisons in float64 hold to 1e-10 of the value: some hundred roundings of 1e-16 each, and the decompositions'.
"""

import itertools

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck

from ventral.training import barlow_twins, equivariant_loss, mmcr, nt_xent
from ventral.training.equivariant_loss import equivariant_terms

# Value, and length of the gradient by the first view, of lightly 1.5.26 (torch 2.15, CPU, float64; 2026-11-22) on
# `public_input(n, d)`: BarlowTwinsLoss(lambda_param=5e-3), NTXentLoss(temperature=0.15) and MMCRLoss(lmda=0), the last
# on rows of length 1, as the sum over (n, 1, d) views.
LIGHTLY = {
    ("barlow_twins", 12, 5): (3.8392655955640103, 1.1929615480593128),
    ("nt_xent", 12, 5): (5.29954159827098, 0.8651054473077299),
    ("mmcr", 12, 5): (-5.51131473900816, 0.36838858919467743),
    ("barlow_twins", 6, 16): (26.25899590573236, 5.3076727445949),
    ("nt_xent", 6, 16): (4.5738047511766196, 0.7676767884751476),
    ("mmcr", 6, 16): (-3.7322672572861553, 0.2670707558945495),
}

LOSSES = {"barlow_twins": barlow_twins, "nt_xent": nt_xent, "mmcr": mmcr}
objectives = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)


def public_input(n, d):
    return [torch.tensor(z, requires_grad=True) for z in np.random.default_rng(5).standard_normal((2, n, d))]


def normal(*shape, seed=0, dtype=torch.float64, **options):
    return torch.tensor(np.random.default_rng(seed).standard_normal(shape), dtype=dtype, **options)


def halves(n=6, d=5, seed=0, **options):
    """((z1a, z2a), (z1b, z2b))."""
    return tuple(tuple(view) for view in normal(2, 2, n, d, seed=seed, **options))


# The same formulas in NumPy, with loops where the library has matrices.


def numpy_barlow_twins(z1, z2, off_diagonal=5e-3, scale=0.048):
    z1, z2 = ((z - z.mean(0)) / np.sqrt(z.var(0) + 1e-5) for z in (z1, z2))
    total = 0.0
    for i, j in itertools.product(range(z1.shape[1]), repeat=2):
        C = np.mean(z1[:, i] * z2[:, j])
        total += (C - 1) ** 2 if i == j else off_diagonal * C**2
    return scale * total


def numpy_nt_xent(z1, z2, temperature=0.15):
    z = np.concatenate([z1, z2])
    z = z / np.linalg.norm(z, axis=1, keepdims=True)
    losses = []
    for i in range(len(z)):
        others = np.array([np.exp(z[i] @ z[j] / temperature) for j in range(len(z)) if j != i])
        losses.append(np.log(others.sum()) - z[i] @ z[(i + len(z1)) % len(z)] / temperature)
    return np.mean(losses)


def numpy_mmcr(*views):
    centroids = np.mean([z / np.linalg.norm(z, axis=1, keepdims=True) for z in views], axis=0)
    return -np.linalg.svd(centroids, compute_uv=False).sum()


@pytest.mark.parametrize(("n", "d"), [(12, 5), (6, 16)])
@pytest.mark.parametrize("name", LOSSES)
def test_values_and_gradients_are_those_of_lightly(name, n, d):
    options = {"scale": 1.0} if name == "barlow_twins" else {}
    z1, z2 = public_input(n, d)
    loss = LOSSES[name](z1, z2, **options)
    loss.backward()
    np.testing.assert_allclose((loss.item(), z1.grad.norm().item()), LIGHTLY[name, n, d], rtol=1e-10)


@pytest.mark.parametrize(
    ("loss", "oracle"), [(barlow_twins, numpy_barlow_twins), (nt_xent, numpy_nt_xent), (mmcr, numpy_mmcr)]
)
@pytest.mark.parametrize(("n", "d"), [(2, 1), (7, 4), (4, 9)])
def test_values_are_those_of_the_formula(loss, oracle, n, d):
    z1, z2 = normal(2, n, d)
    np.testing.assert_allclose(loss(z1, z2).item(), oracle(z1.numpy(), z2.numpy()), rtol=1e-10)
    single = loss(z1.float(), z2.float())
    # float32 has 1e-7 per rounding; batch normalization of two images and differences of sums lose two digits more
    np.testing.assert_allclose(single.item(), oracle(z1.numpy(), z2.numpy()), rtol=1e-5, atol=1e-6)


def test_parameters_of_the_losses_are_where_the_formula_has_them():
    z1, z2 = normal(2, 8, 3)
    arrays = z1.numpy(), z2.numpy()
    np.testing.assert_allclose(barlow_twins(z1, z2, 0.3, 2.0).item(), numpy_barlow_twins(*arrays, 0.3, 2.0), rtol=1e-10)
    np.testing.assert_allclose(nt_xent(z1, z2, 0.5).item(), numpy_nt_xent(*arrays, 0.5), rtol=1e-10)


def test_mmcr_takes_further_views():
    views = normal(4, 6, 5)
    np.testing.assert_allclose(mmcr(*views).item(), numpy_mmcr(*views.numpy()), rtol=1e-10)


@objectives
def test_gradients_are_those_of_finite_differences(loss):
    views = [view.clone().requires_grad_() for view in normal(2, 5, 4)]
    assert gradcheck(loss, views)


@objectives
def test_gradients_of_the_equivariant_loss_are_those_of_finite_differences(loss):
    z = [view.clone().requires_grad_() for view in normal(8, 4, 3)]

    def whole(*z):
        return equivariant_loss(loss, ((z[0], z[1]), (z[2], z[3])), ((z[4], z[5]), (z[6], z[7])), 0.4)

    assert gradcheck(whole, z)


@objectives
def test_the_best_embedding_has_the_best_value(loss):
    """Equal views of uncorrelated dimensions, one direction per image: no other embedding scores lower."""
    hadamard = torch.tensor([[(-1) ** bin(i & j).count("1") for j in range(8)] for i in range(8)], dtype=torch.float64)
    best = hadamard[:, 1:] if loss is barlow_twins else torch.eye(8, dtype=torch.float64)
    for seed in range(5):
        assert loss(best, best) < loss(best, best + 0.3 * normal(*best.shape, seed=seed))
    expected = {
        barlow_twins: 0.048 * 7 * 1e-10,  # the variance of 1 has 1e-5 added: C_ii = 1 - 1e-5
        nt_xent: np.log(1 + 14 * np.exp(-1 / 0.15)),
        mmcr: -8.0,
    }[loss]
    np.testing.assert_allclose(loss(best, best).item(), expected, rtol=3e-5)  # 1 / (1 + 1e-5)² is not quite 1 - 2e-5


@objectives
def test_without_weight_the_loss_is_the_plain_one_of_the_joint_batch(loss):
    (z1a, z2a), (z1b, z2b) = invariant = halves()
    plain = loss(torch.cat([z1a, z2a]), torch.cat([z1b, z2b]))
    assert equivariant_loss(loss, invariant, halves(seed=1), 0.0).equal(plain)
    assert equivariant_loss(loss, invariant, None, 0).equal(plain)


def test_without_weight_the_equivariant_term_is_never_computed():
    calls = []

    def loss(*views):
        calls.append([view.shape for view in views])
        return views[0].sum()

    equivariant_loss(loss, halves(n=6), halves(n=6), 0.0)
    assert calls == [[(12, 5), (12, 5)]]
    equivariant_loss(loss, halves(n=6), halves(n=6), 0.1)
    assert calls[1:] == [[(12, 5), (12, 5)], [(6, 5), (6, 5)]]


@objectives
def test_the_loss_weighs_the_two_terms(loss):
    invariant, equivariant = halves(), halves(seed=1)
    (z1a, z2a), (z1b, z2b) = equivariant
    first, second = equivariant_terms(loss, invariant, equivariant, 0.3)
    assert second.equal(loss(z1a - z1b, z2a - z2b))
    assert equivariant_loss(loss, invariant, equivariant, 0.3).equal((1 - 0.3) * first + 0.3 * second)
    assert equivariant_loss(loss, invariant, equivariant, 1).equal(second)


@objectives
def test_swapping_the_augmentations_in_both_halves_changes_nothing(loss):
    invariant, equivariant = halves(), halves(seed=1)
    swapped = equivariant_loss(loss, invariant[::-1], equivariant[::-1], 0.4)
    torch.testing.assert_close(swapped, equivariant_loss(loss, invariant, equivariant, 0.4), rtol=1e-12, atol=0)


@objectives
def test_swapping_them_in_one_half_only_changes_the_equivariant_term(loss):
    invariant, ((z1a, z2a), (z1b, z2b)) = halves(), halves(seed=1)
    one = equivariant_loss(loss, invariant, ((z1a, z2a), (z1b, z2b)), 0.4)
    other = equivariant_loss(loss, invariant, ((z1a, z2b), (z1b, z2a)), 0.4)
    assert abs(one - other) > 1e-3


@objectives
def test_the_equivariant_term_rewards_an_augmentation_that_changes_all_images_alike(loss):
    images, change = normal(2, 16, 4), normal(16, 4, seed=1)
    alike = (tuple(images), tuple(images + change))
    noise = (tuple(images), tuple(images + normal(2, 16, 4, seed=2)))
    assert equivariant_loss(loss, alike, alike, 1.0) < equivariant_loss(loss, noise, noise, 1.0)


@objectives
def test_equal_views_have_no_difference_and_no_gradient(loss):
    """The differences are all zero: no direction to compare, so the term is constant where it has a value at all."""
    z = [view.clone().requires_grad_() for view in normal(2, 6, 5, dtype=torch.float32)]
    copies = [view.detach().clone().requires_grad_() for view in z]
    term = equivariant_loss(loss, halves(dtype=torch.float32), (tuple(z), tuple(copies)), 1.0)
    term.backward()
    expected = {barlow_twins: 0.048 * 5, nt_xent: np.log(11), mmcr: 0.0}[loss]  # C = 0; 11 others alike; no centroids
    np.testing.assert_allclose(term.item(), expected, rtol=1e-6)
    assert all(not view.grad.any() for view in (*z, *copies))


@pytest.mark.parametrize("loss", [nt_xent, mmcr])
def test_one_difference_of_zero_leaves_the_gradients_of_the_others(loss):
    (z1a, z2a), (z1b, z2b) = halves(dtype=torch.float32)
    z1a = z1a.clone()
    z1a[2] = z1b[2]
    z1a.requires_grad_()
    equivariant_loss(loss, halves(dtype=torch.float32), ((z1a, z2a), (z1b, z2b)), 1.0).backward()
    assert torch.isfinite(z1a.grad).all() and not z1a.grad[2].any() and z1a.grad[[0, 1, 3, 4, 5]].all()


def test_further_copies_are_further_views():
    copies = [(halves(seed=2 * k), halves(seed=2 * k + 1)) for k in range(2)]
    loss = equivariant_loss(mmcr, *copies[0], 0.3, further=copies[1:])
    images = [torch.cat(view) for invariant, _ in copies for view in invariant]
    differences = [z1 - z2 for _, (first, second) in copies for z1, z2 in zip(first, second, strict=True)]
    torch.testing.assert_close(loss, 0.7 * mmcr(*images) + 0.3 * mmcr(*differences), rtol=1e-14, atol=0)


@objectives
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_losses_of_16_bits_are_float32_under_autocast(loss, dtype):
    invariant, equivariant = halves(dtype=dtype), halves(dtype=dtype, seed=1)
    wide = [tuple(tuple(z.float() for z in pair) for pair in view) for view in (invariant, equivariant)]
    with torch.autocast("cpu", dtype=dtype):
        computed = equivariant_loss(loss, invariant, equivariant, 0.4)
    assert computed.dtype == torch.float32
    assert computed.equal(equivariant_loss(loss, *wide, 0.4))


def test_values_that_overflowed_give_a_loss_that_gradient_scaling_can_skip():
    z1, z2 = (view.clone() for view in normal(2, 6, 5))
    z1[0, 0] = torch.inf
    assert all(loss(z1, z2).isnan() for loss in LOSSES.values())


@objectives
def test_views_that_do_not_fit_are_refused_with_a_sentence(loss):
    z = normal(6, 5)
    with pytest.raises(ValueError, match=rf"{loss.__name__} compares .* given \(6, 5\), \(5, 5\)\."):
        loss(z, z[1:])
    with pytest.raises(ValueError, match=r"of the same shape .* given \(6, 5\), \(6, 4\)\."):
        loss(z, z[:, 1:])
    with pytest.raises(ValueError, match=r"\(images, dimensions\)"):
        loss(z[0], z[0])
    with pytest.raises(ValueError, match="given one"):
        loss(z[:1], z[:1])
    with pytest.raises(ValueError, match="two"):  # two images are one per half
        equivariant_loss(loss, halves(n=1), halves(n=1), 0.1)


@pytest.mark.parametrize("loss", [barlow_twins, nt_xent])
def test_views_of_further_copies_are_refused_by_losses_of_two(loss):
    copy = (halves(), halves(seed=1))
    with pytest.raises(ValueError, match=r"two views .* given 4"):
        equivariant_loss(loss, *copy, 0.3, further=[copy])


@pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan")])
def test_the_weight_is_a_share(weight):
    with pytest.raises(ValueError, match="from 0 to 1"):
        equivariant_loss(mmcr, halves(), halves(), weight)
