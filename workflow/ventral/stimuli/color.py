"""Colors: display (sRGB) and linear light, hue–saturation–value, and the color jitter of augmentations."""

import numpy as np

GRAY = np.array([0.299, 0.587, 0.114], np.float32)


def to_linear(display: np.ndarray) -> np.ndarray:
    """Linear light from sRGB values in [0, 1] (IEC 61966-2-1)."""
    return np.where(display <= 0.04045, display / 12.92, ((display + 0.055) / 1.055) ** 2.4).astype(np.float32)


def to_display(linear: np.ndarray) -> np.ndarray:
    """sRGB values in [0, 1] from linear light, clipped to what a display can show."""
    linear = np.clip(linear, 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055).astype(np.float32)


def hsv_to_rgb(hue, saturation, value) -> np.ndarray:
    """RGB of shape (..., 3) from hue in turns, saturation and value in [0, 1]."""
    wheel = (np.array([5, 3, 1], np.float32) + np.asarray(hue)[..., None] * 6) % 6
    saturation, value = np.asarray(saturation)[..., None], np.asarray(value)[..., None]
    return value - value * saturation * np.clip(np.minimum(wheel, 4 - wheel), 0, 1)


def jitter(
    image: np.ndarray, brightness: float = 1, contrast: float = 1, saturation: float = 1, hue: float = 0
) -> np.ndarray:
    """Change the colors of a picture as torchvision's `ColorJitter` does, always in this order.

    Parameters
    ----------
    image : float array of shape (H, W, 3)
        sRGB values in [0, 1].
    brightness, contrast, saturation : float
        Factors; 1 changes nothing. Contrast is relative to the picture's mean gray.
    hue : float
        Shift in turns, in [-0.5, 0.5].
    """
    image = np.clip(image * np.float32(brightness), 0, 1)
    mean = np.float32((image @ GRAY).mean(dtype=np.float64))
    image = np.clip(mean + (image - mean) * np.float32(contrast), 0, 1)
    gray = (image @ GRAY)[..., None]
    image = np.clip(gray + (image - gray) * np.float32(saturation), 0, 1)
    return turn_hue(image, hue) if hue else image


def turn_hue(image: np.ndarray, turns: float) -> np.ndarray:
    """Shift the hue of a float picture (H, W, 3) in [0, 1]; saturation and value stay.

    Equivalent to converting to hue, saturation and value and back with `hsv_to_rgb`, but plane by plane. This takes a
    fifth of the time, which matters because training does it for every view.
    """
    red, green, blue = np.ascontiguousarray(np.moveaxis(image, -1, 0), np.float32)
    value = np.maximum(np.maximum(red, green), blue)
    chroma = value - np.minimum(np.minimum(red, green), blue)
    safe = np.maximum(chroma, np.float32(1e-9))
    sixths = np.where(
        value == red, (green - blue) / safe, np.where(value == green, 2 + (blue - red) / safe, 4 + (red - green) / safe)
    )
    turned = np.empty(image.shape, np.float32)
    for channel, start in enumerate((5, 3, 1)):
        wheel = sixths + np.float32(start + 6 * turns)
        wheel -= 6 * np.floor(wheel / 6)
        turned[..., channel] = value - chroma * np.clip(np.minimum(wheel, 4 - wheel), 0, 1)
    return turned
