"""Extracts slowly, with a mark after each batch, until it is killed: PATH N BATCH."""

import sys
import time

from small_models import images, model_of, small

from ventral.core import unfinished
from ventral.models import extract


class Slow:
    """Images that take time to read, except the first ones."""

    def __init__(self, n: int):
        self.array = images(n, 16)
        self.shape, self.dtype = self.array.shape, self.array.dtype

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, index):
        if (index.start or 0) > len(self) // 2:
            time.sleep(60)
        return self.array[index]


if __name__ == "__main__":
    unfinished.EVERY = 0
    path, n, batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    extract(model_of(small), Slow(n), ["1", "4"], path, batch=batch, content="images")
