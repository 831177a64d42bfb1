"""Sentences of reviews: what is known of them, and that their ratings can be learned."""

import numpy as np

from chainrule.data import product_reviews


def test_product_reviews():
    review, rating, sentence = product_reviews()
    assert (np.diff(review) >= 0).all()
    assert (review.min(), review.max(), len(np.unique(review))) == (1, 309, 300)
    assert rating.min() >= -4
    assert rating.max() <= 4
    assert np.count_nonzero(rating == 0) == 98
    for s in sentence.tolist():
        assert s.isascii()
        assert s == " ".join(s.split()) == s.lower() != ""


def test_the_words_of_a_sentence_tell_its_rating():
    """Good words stand in sentences rated above the mean, bad ones below."""
    _, rating, sentence = product_reviews()
    words = [set(s.split()) for s in sentence.tolist()]
    for word, sign in [("great", 1), ("love", 1), ("excellent", 1), ("not", -1), ("problem", -1)]:
        mine = np.array([word in ws for ws in words])
        assert mine.sum() > 20
        assert sign * (rating[mine].mean() - rating[~mine].mean()) > 0.5
