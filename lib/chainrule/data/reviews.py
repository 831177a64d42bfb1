"""Sentences of product reviews, and how people rated their sentiment."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chainrule.data.arrays import Floats, Integers, Strings
from chainrule.data.sources import columns


class ProductReviews(NamedTuple):
    """The columns of :func:`product_reviews`: ``review``, ``rating``, ``sentence``, one per row.

    Examples
    --------
    >>> ProductReviews._fields
    ('review', 'rating', 'sentence')
    """

    review: Integers
    rating: Floats
    sentence: Strings


def product_reviews() -> ProductReviews:
    """Load 3,708 sentences of customers' reviews of five products, each rated by 20 people or more.

    Returns
    -------
    ProductReviews
        ``review`` int64 (3708,), the number of the review that the sentence is from, rising;
        ``rating`` float32 (3708,), the mean of the ratings, from −4, extremely negative, over 0,
        neutral, to 4, extremely positive; ``sentence`` (3708,) strings in lower case.

    Raises
    ------
    OSError
        If the file that ships with the library is missing or damaged.

    Notes
    -----
    Split by review, not by sentence: the sentences of one review are by one author about one
    product, and a model that has seen some of them knows more about the rest than it should. Many
    sentences are close to neutral, where the sign of ``rating`` is a noisy label. Used in the
    chapter ``applications``.

    Examples
    --------
    >>> review, rating, sentence = product_reviews()
    >>> str(sentence[3]), int(review[3]), f"{rating[3]:.2f}"
    ('or does it play audio and video but scrolling in black and white?', 1, '-0.10')
    >>> int((rating > 0).sum()), int((rating < 0).sum())
    (2128, 1482)
    """
    review, rating, sentence = columns("product_reviews", "product-reviews.csv")
    return ProductReviews(
        np.array(review, dtype=np.int64), np.array(rating, dtype=np.float32), np.array(sentence)
    )
