"""Two photographs that come with scikit-learn."""

from __future__ import annotations

import os

import numpy as np

from chainrule.data.arrays import Floats
from chainrule.data.sources import sklearn_datasets


def photographs() -> dict[str, Floats]:
    """Load the two photographs that come with scikit-learn, a temple in China and a flower.

    Returns
    -------
    dict of str to array
        ``"china"`` and ``"flower"``, each float32 (3, 427, 640): red, green and blue, in [0, 1],
        channels first as every layer of the library takes them. ``image.transpose(1, 2, 0)`` is
        what Matplotlib draws.

    Raises
    ------
    ModuleNotFoundError
        If scikit-learn, or Pillow, which reads the files, is not installed.

    Notes
    -----
    Used in the chapter ``convolution``.

    Examples
    --------
    >>> images = photographs()
    >>> {name: image.shape for name, image in images.items()}
    {'china': (3, 427, 640), 'flower': (3, 427, 640)}
    """
    load = sklearn_datasets("photographs").load_sample_images
    try:
        bunch = load()
    except ImportError:
        raise ModuleNotFoundError(
            "photographs: Pillow reads the photographs, and it is not installed; pip install pillow"
        ) from None
    return {
        os.path.basename(name).removesuffix(".jpg"): np.divide(
            image.transpose(2, 0, 1), 255, dtype=np.float32, order="C"
        )
        for name, image in zip(bunch.filenames, bunch.images, strict=True)
    }
