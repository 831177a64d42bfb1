"""Data sets of the book, small and offline, and what happens to them before a model sees them.

``README.md`` in this folder says where each comes from and under which license. Those that are
drawn take a generator, ``rng``, and the same seed draws the same data.

Examples come as inputs and targets, ``(X, t)``: classes as int64 (N,), quantities as float32
columns (N, 1), which is the shape that a network with one output returns.
"""

from chainrule.data.catalog import CATALOG, DataSet
from chainrule.data.dates import written_dates
from chainrule.data.handwriting import digits, mnist
from chainrule.data.images import circles_and_squares, patterns
from chainrule.data.names import FirstNames, Surnames, first_names, surnames
from chainrule.data.photography import photographs
from chainrule.data.points import circles, gaussian_ring, mode_centers, moons, ring, spirals, xor
from chainrule.data.preprocessing import (
    Imputation,
    Scaling,
    mean_imputer,
    min_max_scaler,
    one_hot,
    standardizer,
)
from chainrule.data.regression import Ratings, folded_curve, growing_noise, manifold, ratings
from chainrule.data.reviews import ProductReviews, product_reviews
from chainrule.data.sequences import adding_problem, associative_recall, modular_addition
from chainrule.data.series import CO2, Sunspots, co2, sliding_windows, sunspots
from chainrule.data.splitting import Split, hold_out
from chainrule.data.tabular import Table, breast_cancer, diabetes, iris, wine
from chainrule.data.text import CharCodec

__all__ = [
    "CATALOG",
    "CO2",
    "CharCodec",
    "DataSet",
    "FirstNames",
    "Imputation",
    "ProductReviews",
    "Ratings",
    "Scaling",
    "Split",
    "Sunspots",
    "Surnames",
    "Table",
    "adding_problem",
    "associative_recall",
    "breast_cancer",
    "circles",
    "circles_and_squares",
    "co2",
    "diabetes",
    "digits",
    "first_names",
    "folded_curve",
    "gaussian_ring",
    "growing_noise",
    "hold_out",
    "iris",
    "manifold",
    "mean_imputer",
    "min_max_scaler",
    "mnist",
    "mode_centers",
    "modular_addition",
    "moons",
    "one_hot",
    "patterns",
    "photographs",
    "product_reviews",
    "ratings",
    "ring",
    "sliding_windows",
    "spirals",
    "standardizer",
    "sunspots",
    "surnames",
    "wine",
    "written_dates",
    "xor",
]
