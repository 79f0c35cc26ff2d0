"""Contact sheet: one look shows what a stimulus set holds and what varies in it."""

from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw, ImageFont

from ventral.stimuli.table import open_images, read_table
from ventral.store import whole

TILE, GAP, LEFT, HEAD = 104, 4, 92, 34
ROWS, COLUMNS = 5, 10  # of one parameter's block
GRID = (10, 14)  # rows and columns of a set without parameters
INK, PAPER, PALE = (25, 25, 25), (255, 255, 255), (105, 105, 105)


def write_sheet(stimuli: str | Path, path: str | Path) -> None:
    """Draw the contact sheet of a stimulus set.

    With parameters: a block for each, its rows a few scenes, its columns the levels. Without: a grid of images
    spread over the set, with their labels.
    """
    table = read_table(stimuli)
    parameters = [parameter for parameter in pd.unique(table["parameter"]) if parameter]
    with open_images(stimuli) as images:
        sheet = (
            beside([block(images, table, parameter) for parameter in parameters]) if parameters else grid(images, table)
        )
    with whole(path) as partial:
        sheet.save(partial, optimize=True)


def block(images, table: pd.DataFrame, parameter: str) -> Image.Image:
    """Rows are scenes, columns the levels of one parameter."""
    table = table[table["parameter"] == parameter]
    scenes = spread(pd.unique(table["scene"]), ROWS)
    columns = min(COLUMNS, table["level"].max() + 1)
    sheet = blank(LEFT + columns * (TILE + GAP), HEAD + len(scenes) * (TILE + GAP))
    write(sheet, (LEFT, 4), f"{parameter} varies", 20)
    for row, scene in enumerate(scenes):
        levels = table[table["scene"] == scene].sort_values("level").head(columns)
        top = HEAD + row * (TILE + GAP)
        write(sheet, (4, top + TILE // 2 - 16), levels["label"].iloc[0], 14)
        write(sheet, (4, top + TILE // 2 + 2), scene, 11, PALE)
        for column, index in enumerate(levels.index):
            sheet.paste(tile(images[index]), (LEFT + column * (TILE + GAP), top))
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
        write(sheet, (left, top + TILE), shortened(labels[index], 15), 12)
    return sheet


def beside(blocks: list[Image.Image]) -> Image.Image:
    """Blocks two abreast."""
    width, height = max(each.width for each in blocks) + 16, max(each.height for each in blocks) + 12
    sheet = blank(width * min(2, len(blocks)), height * -(-len(blocks) // 2))
    for place, each in enumerate(blocks):
        sheet.paste(each, (place % 2 * width + 8, place // 2 * height + 6))
    return sheet


def spread(items, n: int) -> list:
    """At most n of the items, evenly spread."""
    return [items[i] for i in np.unique(np.linspace(0, len(items) - 1, min(n, len(items))).round().astype(int))]


def tile(image: np.ndarray) -> Image.Image:
    return Image.fromarray(image).resize((TILE, TILE), Image.Resampling.LANCZOS)


def blank(width: int, height: int) -> Image.Image:
    return Image.new("RGB", (width, height), PAPER)


def write(sheet: Image.Image, place: tuple[int, int], text: str, size: int, ink=INK) -> None:
    ImageDraw.Draw(sheet).text(place, text, fill=ink, font=ImageFont.load_default(size))


def shortened(text: str, length: int) -> str:
    return text if len(text) <= length else "…" + text[1 - length :]
