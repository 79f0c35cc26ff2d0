"""Natural colors, as (hue in turns, saturation, value), and the draw of an object's base color from a few of them."""

Hsv = tuple[float, float, float]

WHITE, CREAM, IVORY = (0.12, 0.03, 0.93), (0.12, 0.16, 0.9), (0.11, 0.28, 0.84)
SILVER, GRAY, SLATE, BLACK = (0.6, 0.03, 0.76), (0.1, 0.04, 0.5), (0.6, 0.14, 0.36), (0.6, 0.08, 0.13)
TAN, SAND, KHAKI = (0.09, 0.42, 0.72), (0.1, 0.34, 0.78), (0.14, 0.4, 0.5)
BROWN, DARK_BROWN, RUSSET, CHESTNUT = (0.07, 0.6, 0.42), (0.06, 0.5, 0.22), (0.045, 0.68, 0.5), (0.03, 0.6, 0.34)
OAK, PINE, WALNUT, MAHOGANY = (0.085, 0.52, 0.62), (0.1, 0.45, 0.78), (0.07, 0.52, 0.34), (0.025, 0.62, 0.38)
RED, DARK_RED, ORANGE, GOLD, YELLOW = (
    (0.99, 0.82, 0.72),
    (0.98, 0.78, 0.42),
    (0.07, 0.88, 0.88),
    (0.11, 0.75, 0.82),
    (0.145, 0.8, 0.9),
)
LIME, OLIVE, LEAF = (0.22, 0.7, 0.72), (0.19, 0.55, 0.42), (0.26, 0.6, 0.45)
GREEN, DARK_GREEN = (0.31, 0.6, 0.5), (0.36, 0.6, 0.26)
TEAL, SKY, BLUE, NAVY = (0.48, 0.55, 0.45), (0.56, 0.45, 0.78), (0.6, 0.72, 0.6), (0.62, 0.65, 0.28)
PURPLE, WINE, PINK = (0.83, 0.5, 0.36), (0.95, 0.62, 0.3), (0.97, 0.36, 0.85)
# Of painted things. Bright and dark colors of fruit and plants are among them, so that these do not give them away.
ANY = (WHITE, GRAY, BLACK, BROWN, TAN, RED, ORANGE, GOLD, YELLOW, LIME, LEAF, OLIVE, TEAL, BLUE, NAVY)
SPREAD = (0.03, 0.3, 0.36)  # full ranges of hue, saturation and value around one of these colors


def near(colors: tuple[Hsv, ...], draws: Hsv) -> Hsv:
    """A color near one of these.

    Parameters
    ----------
    colors : tuple of (hue, saturation, value)
        All are equally likely.
    draws : three numbers in [0, 1)
        The first chooses the color and shifts its hue; the others shift saturation and value.
    """
    place = draws[0] * len(colors)
    shares = (place % 1, draws[1], draws[2])
    hue, saturation, value = (
        center + (share - 0.5) * spread
        for center, share, spread in zip(colors[int(place)], shares, SPREAD, strict=True)
    )
    return hue % 1, min(max(saturation, 0.0), 1.0), min(max(value, 0.05), 1.0)
