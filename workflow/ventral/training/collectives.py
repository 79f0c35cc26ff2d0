"""Shares embeddings and statistics between the processes of a training, so that N compute the same as one.

`gathered` gives every process the embeddings of all processes, and batch normalization uses statistics over all of
them. Both return gradients, summed over processes, to the process that the values came from. The result is the gradient
of the sum of the processes' losses. Every process computes the loss of the joint batch, so this is N times the joint
gradient, and the mean over processes that DistributedDataParallel computes is the joint gradient.

Without a process group, or in a group of one, nothing here has an effect.
"""

import torch
import torch.distributed as dist
from timm.layers import convert_sync_batchnorm
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from ventral.core.errors import Fault
from ventral.training.precision import wide

PLAIN = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def processes() -> int:
    """How many processes train together; 1 without a process group."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def gathered(z: Tensor) -> Tensor:
    """Rows of all processes, in the order of their ranks.

    Parameters
    ----------
    z : tensor of shape (B, ...)
        Of the same shape and type on every process.

    Returns
    -------
    tensor of shape (processes · B, ...)
    """
    return _Gathered.apply(z) if processes() > 1 else z


def synchronized(network: nn.Module, device: str) -> nn.Module:
    """Make batch normalization use statistics over all processes.

    Parameters
    ----------
    network : module
        Changed in place; parameters, buffers and their names stay.
    device : str
        On "cuda…" the modules become those of torch, which know no other device, else `SynchronizedBatchNorm`.

    Returns
    -------
    module
        The network, or its replacement if it is itself a batch normalization.

    Raises
    ------
    Fault
        On the CPU, a batch normalization that does more than normalize.
    """
    if torch.device(device).type == "cuda":
        return convert_sync_batchnorm(network)
    if isinstance(network, SynchronizedBatchNorm):
        return network
    if isinstance(network, _BatchNorm):
        return _on_the_cpu(network)
    for name, part in network.named_children():
        setattr(network, name, synchronized(part, device))
    return network


class SynchronizedBatchNorm(_BatchNorm):
    """Batch normalization over the joint batch of all processes, on any device.

    Parameters and buffers are those of torch's BatchNorm. So are the results outside of training, and in a single
    process.
    """

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or processes() == 1:
            return super().forward(x)
        z = wide(x)
        count, mean, variance = _joint(z)
        if self.track_running_stats:
            self._follow(count, mean.detach(), variance.detach())
        shape = (1, -1, *(1,) * (x.ndim - 2))
        y = (z - mean.view(shape)) * torch.rsqrt(variance + self.eps).view(shape)
        if self.weight is not None:
            y = y * self.weight.view(shape)
        if self.bias is not None:
            y = y + self.bias.view(shape)
        return y.to(x.dtype)

    @torch.no_grad()
    def _follow(self, count: Tensor, mean: Tensor, variance: Tensor) -> None:
        """Update the running statistics, whose variance is unbiased."""
        self.num_batches_tracked += 1
        share = 1 / self.num_batches_tracked if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean.to(self.running_mean.dtype), share)
        self.running_var.lerp_((variance * count / (count - 1)).to(self.running_var.dtype), share)

    def _check_input_dim(self, x: Tensor) -> None:
        if x.ndim < 2:
            raise ValueError(f"Batch normalization takes rows of channels, (B, C, ...), not a shape {tuple(x.shape)}.")


class _Gathered(torch.autograd.Function):
    @staticmethod
    def forward(context, z: Tensor) -> Tensor:
        context.rows = len(z)
        parts = [torch.empty_like(z, memory_format=torch.contiguous_format) for _ in range(processes())]
        dist.all_gather(parts, z.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(context, gradient: Tensor) -> Tensor:
        total = gradient.contiguous().clone()
        dist.all_reduce(total)
        start = dist.get_rank() * context.rows
        return total[start : start + context.rows]


def _joint(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Number of values, mean and biased variance of each channel over all processes.

    Processes exchange means and variances, because sums of squares would lose precision if the mean is large.
    """
    axes = [axis for axis in range(x.ndim) if axis != 1]
    variance, mean = torch.var_mean(x, dim=axes, correction=0)
    count = x.new_full((x.shape[1],), x.numel() / x.shape[1])
    counts, means, variances = gathered(torch.stack([count, mean, variance])[None]).unbind(dim=1)
    total = counts.sum(dim=0)
    mean = (counts * means).sum(dim=0) / total
    return total, mean, (counts * (variances + (means - mean).square())).sum(dim=0) / total


def _on_the_cpu(norm: _BatchNorm) -> SynchronizedBatchNorm:
    if type(norm) not in PLAIN:
        raise Fault(
            f"The network normalizes with {type(norm).__name__}, which cannot take its statistics over several "
            "processes on the CPU. Train it in one process (`processes: 1`), or on GPUs."
        )
    joint = SynchronizedBatchNorm(norm.num_features, norm.eps, norm.momentum, norm.affine, norm.track_running_stats)
    for name in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked"):
        setattr(joint, name, getattr(norm, name))
    return joint.train(norm.training)
