"""Picture files of every depth and mode, and what they should be shown as."""

import struct
import zlib

import numpy as np
from PIL import Image

from ventral.stimuli.rgb import open_picture

H, W = 24, 32
RNG = np.random.default_rng(0)
RAMP = np.tile(np.linspace(0, 1, W), (H, 1))
COLORS = RNG.integers(0, 256, (H, W, 3), dtype=np.uint8)


def gray(levels):
    """What a gray picture should be shown as: levels in [0, 1] in all three channels."""
    return np.repeat(np.rint(255 * levels)[..., None], 3, axis=2)


def saved(path, array, mode=None, **options):
    picture = Image.fromarray(array)
    (picture.convert(mode) if mode else picture).save(path, **options)
    return path


def png(path, levels, bits, kind, transparent=None):
    """A PNG file of any depth, which Pillow cannot write; kind 0 is gray, 2 RGB, 4 and 6 the same with alpha."""

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    levels = np.asarray(levels)
    if bits < 8:
        rows = np.packbits(np.unpackbits(levels.astype(np.uint8)[..., None], axis=-1)[..., -bits:].reshape(H, -1), 1)
    else:
        rows = levels.astype(f">u{bits // 8}").reshape(H, -1).view(np.uint8)
    head = struct.pack(">IIBBBBB", W, H, bits, kind, 0, 0, 0)
    body = chunk(b"tRNS", struct.pack(f">{len(transparent)}H", *transparent)) if transparent else b""
    body += chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows)))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IEND", b""))
    return path


def shown(path, **options):
    return np.asarray(open_picture(path, **options)).astype(int)


SILHOUETTE = np.hypot(*np.mgrid[-12:12, -16:16]) < 8
BLACK_OR_CLEAR = {
    "rgba.png": lambda path: saved(path, np.dstack([np.zeros((H, W, 3)), 255 * SILHOUETTE]).astype(np.uint8)),
    "la.png": lambda path: saved(path, np.dstack([np.zeros((H, W)), 255 * SILHOUETTE]).astype(np.uint8)),
    "rgba.tif": lambda path: saved(path, np.dstack([np.zeros((H, W, 3)), 255 * SILHOUETTE]).astype(np.uint8)),
    "rgba.webp": lambda path: saved(
        path, np.dstack([np.zeros((H, W, 3)), 255 * SILHOUETTE]).astype(np.uint8), lossless=True
    ),
    "gray.png": lambda path: png(path, 9 * ~SILHOUETTE, 8, 0, [9]),
    "bit.png": lambda path: png(path, ~SILHOUETTE, 1, 0, [1]),
    "two_bits.png": lambda path: png(path, 3 * ~SILHOUETTE, 2, 0, [3]),
    "four_bits.png": lambda path: png(path, 5 * ~SILHOUETTE, 4, 0, [5]),
    "gray16.png": lambda path: png(path, 300 * ~SILHOUETTE, 16, 0, [300]),
    "rgb.png": lambda path: png(path, np.repeat(9 * ~SILHOUETTE[..., None], 3, 2), 8, 2, [9, 9, 9]),
    "la16.png": lambda path: png(path, np.dstack([0 * RAMP, 65535 * SILHOUETTE]), 16, 4),
    "palette.png": lambda path: palette(path, transparency=1),
    "palette_alpha.png": lambda path: palette(path, transparency=bytes([255, 0])),
    "palette.gif": lambda path: palette(path, transparency=1),
    "premultiplied.tif": lambda path: tiff_rgba(path, premultiplied=True),
    "pa.tif": lambda path: palette(path, alpha=True),
}


def palette(path, alpha=False, **options):
    numbers = np.zeros((H, W), np.uint8) if alpha else (~SILHOUETTE).astype(np.uint8)
    picture = Image.frombytes("P", (W, H), numbers.tobytes())
    picture.putpalette([0, 0, 0, 250, 100, 50])
    if alpha:
        picture.putalpha(Image.fromarray((255 * SILHOUETTE).astype(np.uint8)))
    picture.save(path, **options)
    return path


def tiff_rgba(path, premultiplied):
    picture = Image.fromarray(np.dstack([np.zeros((H, W, 3)), 255 * SILHOUETTE]).astype(np.uint8))
    picture.save(path, tiffinfo={338: 1 if premultiplied else 2})
    return path
