"""Pictures of the report are whole, and small enough for one page."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from ventral.core.errors import Fault
from ventral.report.embed import picture, scaled_picture


def test_damaged_pictures_are_named(tmp_path):
    sheet, figure = tmp_path / "sheet.png", tmp_path / "figure.svg"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 90, 3), np.uint8)).save(sheet)
    content = bytearray(sheet.read_bytes())
    content[len(content) // 2] ^= 1
    sheet.write_bytes(content)
    with pytest.raises(Fault, match=r"sheet\.png is not a complete image"):
        scaled_picture(sheet)
    figure.write_text('<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0L1 1"/><path d="M0 0L1')
    with pytest.raises(Fault, match=r"figure\.svg is not a complete image"):
        picture(figure)


def test_a_large_sheet_is_scaled_down(tmp_path):
    Image.fromarray(np.zeros((900, 4000, 3), np.uint8)).save(tmp_path / "sheet.png")
    kind, content = scaled_picture(tmp_path / "sheet.png").split(",")
    assert kind == "data:image/jpeg;base64"
    with Image.open(io.BytesIO(base64.b64decode(content))) as image:
        assert image.size == (1600, 360)
