"""A network of one convolution, as a user's own file would define it, and weights for it."""

import torch

RESNET = {"source": "torchvision", "architecture": "resnet18", "weights": None, "seed": 0, "layers": "auto"}
SQUEEZE = {"source": "torchvision", "architecture": "squeezenet1_1"}
FACTORY = """
import torch

def network(channels=4):
    return torch.nn.Sequential(torch.nn.Conv2d(3, channels, 3), torch.nn.ReLU(inplace=True), torch.nn.Flatten())
"""


def weights(seed=1, channels=4):
    generator = torch.Generator().manual_seed(seed)
    return {
        "0.weight": torch.rand(channels, 3, 3, 3, generator=generator),
        "0.bias": torch.rand(channels, generator=generator),
    }
