"""Arrays of texts and numbers that NumPy wrote as objects, read without running what the file names.

pandas turns a column of texts into an array of objects, and NumPy stores such an array as a pickle. A pickle can call
any function by its name, so `numpy.load` refuses it. Here, stand-ins that do nothing replace the few names that an
array of objects needs, and a file with any other name is refused. No code, not even NumPy's, is called with content of
the file, except to convert single numbers and texts.
"""

import math
import pickle
import re
from typing import BinaryIO

import numpy as np

PLAIN = (str, bytes, bool, int, float, type(None))


def load_objects(stream: BinaryIO) -> np.ndarray:
    """Read an array of objects, after the header of a .npy file.

    Parameters
    ----------
    stream : binary file
        At the first byte after the header.

    Returns
    -------
    object array
        Of texts, bytes, numbers, and None where a value is missing.

    Raises
    ------
    ValueError
        The content is damaged, or holds something other than texts and numbers.
    """
    try:
        array = _Unpickler(stream).load()
        shape, items = array.shape, array.items
        sound = isinstance(items, list) and math.prod(shape) == len(items)
    except Exception as error:  # a damaged or malicious pickle can raise anything
        raise ValueError(str(error) or type(error).__name__) from error
    if not sound:
        raise ValueError("its shape does not fit its content")
    for item in items:
        if not isinstance(item, PLAIN):
            raise ValueError(f"it holds {getattr(type(item), 'what', type(item).__name__)}, not only texts and numbers")
    objects = np.empty(len(items), dtype=object)
    objects[:] = items
    return objects.reshape(shape)


class _Unpickler(pickle.Unpickler):
    """Reads a pickle in which only the names of an array of objects may occur."""

    def __init__(self, stream: BinaryIO):
        super().__init__(stream)
        self.names = _stand_ins()

    def find_class(self, module: str, name: str):
        known = (module.replace("numpy._core", "numpy.core"), name)
        if known not in self.names:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which no array of texts or numbers needs")
        return self.names[known]

    def persistent_load(self, pid):
        raise pickle.UnpicklingError("it refers to something outside the file")


def _stand_ins() -> dict:
    """Stand-ins for the names of NumPy and pandas, made anew so that no file can change those of another."""

    class Array:
        what = "arrays of different lengths"

        def __setstate__(self, state):
            _, self.shape, _, _, self.items = state

    class Type:
        what = "a type"
        order = "="

        def __init__(self, code, *_):
            self.code = code

        def __setstate__(self, state):
            self.order = state[1]

    def scalar(kind: Type, content: bytes):
        if not re.fullmatch(r"[USiufb]\d+", kind.code) or kind.order not in "<>=|":
            raise pickle.UnpicklingError(f"it holds a value of the type {kind.code}")
        return np.frombuffer(content, f"{kind.order}{kind.code}", count=1)[0].item()

    def encode(text: str, _codec: str = "") -> bytes:
        return text.encode("latin1")

    return {
        ("numpy.core.multiarray", "_reconstruct"): lambda *_: Array(),
        ("numpy.core.multiarray", "scalar"): scalar,
        ("numpy", "ndarray"): Array,
        ("numpy", "dtype"): Type,
        ("_codecs", "encode"): encode,
        ("pandas", "NA"): None,
        ("pandas._libs.missing", "NA"): None,
    }
