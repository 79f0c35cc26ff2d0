"""Two processes with half of the batch each compute what one process does with the joint batch."""

import copy
import os
import time
from datetime import timedelta

import numpy as np
import pytest
import torch
import torch.distributed as dist
from timm.layers import BatchNormAct2d
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from ventral.core.errors import Fault
from ventral.training import barlow_twins, equivariant_loss, mmcr, nt_xent
from ventral.training.collectives import SynchronizedBatchNorm, gathered, processes, synchronized
from ventral.training.factorization_term import FactorizationTerm

LOSSES = {"barlow_twins": barlow_twins, "nt_xent": nt_xent, "mmcr": mmcr}
PROCESSES, PATIENCE = 2, 120.0
# Two processes add the same numbers in another order: 1e-16 per rounding, of terms that partly cancel.
ROUNDING = {"rtol": 1e-9, "atol": 1e-13}


def numbers(*shape, seed=0, dtype=torch.float32):
    return torch.tensor(np.random.default_rng(seed).standard_normal(shape), dtype=dtype)


class Network(nn.Module):
    """A small network with normalized maps and rows, and two projectors."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.encoder = nn.Sequential(
            nn.Conv2d(3, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten()
        )
        self.projectors = nn.ModuleList(
            nn.Sequential(nn.Linear(24, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 5)) for _ in range(2)
        )

    def forward(self, images):
        features = self.encoder(images)
        return [projector(features) for projector in self.projectors]


def my_part(batch):
    """The rows of a joint batch that this process has."""
    rank = dist.get_rank() if processes() > 1 else 0
    return batch.tensor_split(processes())[rank]


def trained(name, steps=3):
    """Losses, gradients and state of some steps on joint batches of 2 halves of 8 images in 2 views."""
    network = Network().double()
    if processes() > 1:
        network = DistributedDataParallel(synchronized(network, "cpu"))
    term = FactorizationTerm(queue=16)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05)
    losses, gradients = [], []
    for step in range(steps):
        z = []
        for view in numbers(2, 2, 8, 3, 8, 8, seed=step, dtype=torch.float64):  # a, then b
            each = [network(my_part(half)) for half in view]
            z.append([[gathered(embedding) for embedding in half] for half in each])
        invariant, equivariant = (tuple(tuple(half[k] for half in view) for view in z) for k in range(2))
        loss = equivariant_loss(LOSSES[name], invariant, equivariant, 0.3)
        loss = loss + 0.2 * term([torch.cat(view) for view in invariant])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        gradients.append([parameter.grad.clone() for parameter in network.parameters()])
    return losses, gradients, list(getattr(network, "module", network).state_dict().items())


def normalized(shape, momentum=0.1, affine=True):
    """What a batch normalization gives for, and does with, a joint batch: outputs, gradients, buffers."""
    plain = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d, 5: nn.BatchNorm3d}[len(shape)]
    norm = plain(shape[1], momentum=momentum, affine=affine)
    if affine:
        nn.init.uniform_(norm.weight, generator=torch.Generator().manual_seed(1))
    norm = synchronized(norm, "cpu") if processes() > 1 else norm
    outputs, gradients = [], []
    for seed in range(3):
        joint = 3 * numbers(*shape, seed=seed) + 50  # a mean far from 0: sums of squares would lose digits
        x = my_part(joint).requires_grad_()
        y = norm(x)
        (y * my_part(numbers(*shape, seed=seed + 10))).sum().backward()
        outputs.append(y.detach())
        gradients.append(x.grad)
    parameters = [parameter.grad for parameter in norm.parameters()]
    evaluated = norm.eval()(my_part(numbers(*shape)))
    return {
        "outputs": outputs,
        "gradients": gradients,
        "parameters": parameters,
        "evaluated": evaluated.detach(),
        "buffers": [buffer.clone() for buffer in norm.buffers()],
    }


# An odd batch is 4 and 3 rows, which batch normalization weighs by their number.
NORMS = {
    "rows": ((12, 4),),
    "odd": ((7, 4),),
    "sequences": ((6, 4, 5),),
    "maps": ((6, 4, 5, 3),),
    "volumes": ((4, 3, 2, 3, 2),),
    "cumulative": ((12, 4), None),
    "plain": ((12, 4), 0.1, False),
}


def work(rank, folder):
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    torch.set_num_threads(1)
    dist.init_process_group(
        "gloo",
        init_method=f"file://{folder}/rendezvous",
        rank=rank,
        world_size=PROCESSES,
        timeout=timedelta(seconds=PATIENCE / 2),
    )
    x = numbers(6, 2, 3)
    rows = my_part(x).requires_grad_()
    joint = gathered(rows)
    (joint * (rank + 1) * x.exp()).sum().backward()
    sixteen = gathered(my_part(x).bfloat16().T.contiguous().T)
    norm = synchronized(nn.BatchNorm1d(4), "cpu")
    half = norm(my_part(numbers(12, 4)).bfloat16())
    results = {
        "gathered": (joint.detach(), rows.grad, sixteen),
        "half": half.detach(),
        "trained": {name: trained(name) for name in LOSSES},
        "normalized": {name: normalized(*arguments) for name, arguments in NORMS.items()},
    }
    torch.save(results, folder / f"{rank}.pth")
    dist.barrier()
    dist.destroy_process_group()


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """What each of two processes computed."""
    folder = tmp_path_factory.mktemp("processes")
    running = torch.multiprocessing.spawn(work, (folder,), PROCESSES, join=False)
    try:
        end = time.monotonic() + PATIENCE
        while not running.join(timeout=1):  # returns when any process ends, and raises what it raised
            assert time.monotonic() < end, f"Two processes did not end within {PATIENCE:.0f} s."
    finally:
        for process in running.processes:
            process.kill()
    return [torch.load(folder / f"{rank}.pth") for rank in range(PROCESSES)]


def test_rows_are_gathered_in_the_order_of_ranks(two):
    for result in two:
        joint, _, sixteen = result["gathered"]
        assert joint.equal(numbers(6, 2, 3)) and sixteen.equal(numbers(6, 2, 3).bfloat16())


def test_gradients_are_summed_over_processes(two):
    expected = (1 + 2) * numbers(6, 2, 3).exp()  # process r weighed its loss by r + 1
    got = torch.cat([result["gathered"][1] for result in two])
    torch.testing.assert_close(got, expected)


@pytest.mark.parametrize("name", LOSSES)
def test_two_processes_train_as_one_with_the_joint_batch(two, name):
    losses, gradients, state = trained(name)
    assert losses[0] != losses[-1]
    for result in two:
        their_losses, their_gradients, their_state = result["trained"][name]
        np.testing.assert_allclose(their_losses, losses, rtol=1e-12)
        for step in range(len(losses)):
            for theirs, mine in zip(their_gradients[step], gradients[step], strict=True):
                torch.testing.assert_close(theirs, mine, **ROUNDING)
        assert [key for key, _ in their_state] == [key for key, _ in state]
        for (key, theirs), (_, mine) in zip(their_state, state, strict=True):
            torch.testing.assert_close(theirs, mine, **ROUNDING, msg=lambda text, key=key: f"{key}: {text}")
    for first, second in zip(*(result["trained"][name][2] for result in two), strict=True):
        assert first[1].equal(second[1])  # and the two stay the same network, bit for bit


@pytest.mark.parametrize("name", NORMS)
def test_batch_norm_is_that_of_the_joint_batch(two, name):
    expected, parts = normalized(*NORMS[name]), [result["normalized"][name] for result in two]
    # the mean of 50 is rounded to 4e-6, and that is what all values of the unit variance inherit
    close = {"rtol": 1e-5, "atol": 1e-5}
    for step in range(3):
        for each in ("outputs", "gradients"):
            torch.testing.assert_close(torch.cat([part[each][step] for part in parts]), expected[each][step], **close)
    torch.testing.assert_close(torch.cat([part["evaluated"] for part in parts]), expected["evaluated"], **close)
    for position, parameter in enumerate(expected["parameters"]):
        torch.testing.assert_close(sum(part["parameters"][position] for part in parts), parameter, **close)
    for part in parts:
        for theirs, mine in zip(part["buffers"], expected["buffers"], strict=True):
            torch.testing.assert_close(theirs, mine, rtol=1e-5, atol=0)


def test_batch_norm_keeps_16_bits(two):
    half = torch.cat([result["half"] for result in two])
    assert half.dtype == torch.bfloat16
    expected = nn.BatchNorm1d(4)(numbers(12, 4).bfloat16().float())
    torch.testing.assert_close(half, expected.bfloat16(), rtol=2**-7, atol=0)  # one unit in the last of 8 bits


def test_one_process_gathers_nothing():
    z = numbers(4, 3)
    assert processes() == 1 and gathered(z) is z


def test_in_one_process_a_synchronized_network_is_the_same_bit_for_bit():
    network = Network()
    other = synchronized(copy.deepcopy(network), "cpu")
    images = numbers(6, 3, 8, 8)
    for mode in (True, False):
        for one, two in zip(network.train(mode)(images), other.train(mode)(images), strict=True):
            assert one.equal(two)
    assert all(a.equal(b) for a, b in zip(network.state_dict().values(), other.state_dict().values(), strict=True))


def test_conversion_keeps_parameters_names_and_mode():
    network = Network().eval()
    before = dict(network.named_parameters())
    keys = list(network.state_dict())
    again = synchronized(synchronized(network, "cpu"), "cpu")
    assert again is network and list(network.state_dict()) == keys
    assert all(parameter is before[name] for name, parameter in network.named_parameters())
    norms = [part for part in network.modules() if isinstance(part, SynchronizedBatchNorm)]
    assert len(norms) == 3 and not any(norm.training for norm in norms)
    with pytest.raises(ValueError, match=r"\(B, C, \.\.\.\)"):
        norms[0](torch.zeros(3))


def test_on_a_gpu_the_norms_are_those_of_torch():
    network = synchronized(nn.Sequential(nn.Conv2d(3, 4, 3), BatchNormAct2d(4), nn.BatchNorm2d(4)), "cuda:0")
    assert all(isinstance(network[k], nn.SyncBatchNorm) for k in (1, 2))


def test_a_norm_that_does_more_is_refused_on_the_cpu():
    with pytest.raises(Fault, match=r"BatchNormAct2d.*processes: 1"):
        synchronized(nn.Sequential(BatchNormAct2d(4)), "cpu")
