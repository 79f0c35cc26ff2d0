"""Contact sheets, which show at a glance what a stimulus set contains and what varies in it."""

from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw, ImageFont

from ventral.core.files import whole
from ventral.stimuli.table import open_images, read_table, spread

TILE, GAP, HEAD = 104, 4, 34
LEFT = (92, 200)  # least and greatest room for the names of a block's rows
ROWS, COLUMNS = 5, 10  # of one parameter's block; a block that is alone has twice as many rows
GRID = (10, 14)  # rows and columns of a set without parameters
INK, PAPER, PALE = (25, 25, 25), (255, 255, 255), (105, 105, 105)


def write_sheet(stimuli: str | Path, path: str | Path) -> None:
    """Draw the contact sheet of a stimulus set.

    A set with parameters has a block for each of them, with a few scenes as rows and the levels as columns. Other sets
    have a grid of images spread over the set, with their labels.
    """
    table = read_table(stimuli)
    parameters = [parameter for parameter in pd.unique(table["parameter"]) if parameter]
    rows = ROWS if len(parameters) > 1 else 2 * ROWS
    with open_images(stimuli) as images:
        blocks = [block(images, table, parameter, rows) for parameter in parameters]
        sheet = beside(blocks) if blocks else grid(images, table)
    with whole(path) as partial:
        sheet.save(partial, compress_level=4)  # the smallest file is 6 % smaller at most, and takes ten times as long


def block(images, table: pd.DataFrame, parameter: str, n: int) -> Image.Image:
    """Rows are n scenes; columns are the clean image, if there is one, and the levels of one parameter."""
    clean, table = table[table["parameter"] == ""], table[table["parameter"] == parameter]
    scenes = spread(pd.unique(table["scene"]), n)
    rows = [
        [
            *clean.index[clean["scene"] == scene],
            *spread(table[table["scene"] == scene].sort_values("level").index, COLUMNS),
        ]
        for scene in scenes
    ]
    names = [[(table["label"][row[-1]], 14, INK), (scene, 11, PALE)] for scene, row in zip(scenes, rows, strict=True)]
    widest = max(ImageFont.load_default(size).getlength(text) for name in names for text, size, _ in name)
    left = int(np.clip(widest + 12, *LEFT))
    sheet = blank(left + max(map(len, rows)) * (TILE + GAP), HEAD + len(scenes) * (TILE + GAP))
    write(sheet, (left, 4), f"{parameter} varies" + ("; first column: clean" if len(clean) else ""), 20)
    for row, (name, shown) in enumerate(zip(names, rows, strict=True)):
        top = HEAD + row * (TILE + GAP)
        for line, (text, size, ink) in enumerate(name):
            write(sheet, (4, top + TILE // 2 - 16 + 18 * line), shortened(text, size, left - 12), size, ink)
        for column, index in enumerate(shown):
            sheet.paste(tile(images[index]), (left + column * (TILE + GAP), top))
    return sheet


def grid(images, table: pd.DataFrame) -> Image.Image:
    """Images spread over the set, each above its label."""
    rows, columns = GRID
    chosen = spread(np.arange(len(table)), rows * columns)
    rows = -(-len(chosen) // columns)
    labels = table["label"].where(table["label"] != "", table["stimulus_id"])
    sheet = blank(GAP + min(columns, len(chosen)) * (TILE + GAP), HEAD + rows * (TILE + GAP + 16))
    write(sheet, (GAP, 4), f"{len(chosen)} of {len(table)} images", 20)
    for place, index in enumerate(chosen):
        left, top = GAP + place % columns * (TILE + GAP), HEAD + place // columns * (TILE + GAP + 16)
        sheet.paste(tile(images[index]), (left, top))
        write(sheet, (left, top + TILE), shortened(labels[index], 12, TILE), 12)
    return sheet


def beside(blocks: list[Image.Image]) -> Image.Image:
    """Blocks two abreast."""
    width, height = max(each.width for each in blocks) + 16, max(each.height for each in blocks) + 12
    sheet = blank(width * min(2, len(blocks)), height * -(-len(blocks) // 2))
    for place, each in enumerate(blocks):
        sheet.paste(each, (place % 2 * width + 8, place // 2 * height + 6))
    return sheet


def tile(image: np.ndarray) -> Image.Image:
    return Image.fromarray(image).resize((TILE, TILE), Image.Resampling.LANCZOS)


def blank(width: int, height: int) -> Image.Image:
    return Image.new("RGB", (width, height), PAPER)


def write(sheet: Image.Image, place: tuple[int, int], text: str, size: int, ink=INK) -> None:
    ImageDraw.Draw(sheet).text(place, text, fill=ink, font=ImageFont.load_default(size))


def shortened(text: str, size: int, width: int) -> str:
    """The text, or as much of its end as fits."""
    font, start = ImageFont.load_default(size), 0
    while start < len(text) and font.getlength("…" * (start > 0) + text[start:]) > width:
        start += 1
    return "…" * (start > 0) + text[start:]
