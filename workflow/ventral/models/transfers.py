"""Copies between the memory of the machine and that of a GPU, through pinned memory, which the GPU reads by itself.

Copies from pinned memory, and into it, do not wait: the GPU makes them in the order in which they are asked for, among
its other work. What was copied to the machine may be read once the GPU has ended (`finished`).
"""

import torch


def to_device(x: torch.Tensor, device: str) -> torch.Tensor:
    """A tensor of the CPU on a device."""
    return x.pin_memory().to(device, non_blocking=True) if is_gpu(device) else x.to(device)


def to_host(x: torch.Tensor) -> torch.Tensor:
    """A float32 copy on the CPU, which is complete after `finished`."""
    if not is_gpu(x.device.type):
        return x.to("cpu", torch.float32, copy=True)
    host = torch.empty(x.shape, dtype=torch.float32, pin_memory=True)
    return host.copy_(x.float(), non_blocking=True)


def finished(device: str) -> None:
    """Wait until all copies from a device are complete."""
    if is_gpu(device):
        torch.cuda.synchronize(device)


def is_gpu(device: str) -> bool:
    """Whether a device, such as "cuda:0", is a GPU."""
    return device.startswith("cuda")
