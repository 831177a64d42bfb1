"""Four tables of measurements that come with scikit-learn: wines, flowers and patients.

Nothing is scaled: a mean over all rows would have seen the rows you hold out.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chainrule.data.arrays import Floats
from chainrule.data.sources import sklearn_datasets


class Table(NamedTuple):
    """Rows of measurements, a target for each, and what the columns and classes are called.

    Attributes
    ----------
    X : float32 array (N, d)
        In the units of the source.
    t : int64 array (N,) of classes, or float32 array (N, 1) of a quantity
    features : tuple of str
        The names of the d columns.
    classes : tuple of str
        The names of the K classes; empty where the target is a quantity.

    Examples
    --------
    >>> Table._fields
    ('X', 't', 'features', 'classes')
    """

    X: Floats
    t: NDArray[Any]
    features: tuple[str, ...]
    classes: tuple[str, ...]


def wine() -> Table:
    """Load 178 wines by three growers: 13 measurements of very different scale.

    Returns
    -------
    Table
        X float32 (178, 13), from hue (about 1) to proline (278 to 1680 mg/L); t int64 (178,), the
        grower, with 59, 71 and 48 wines.

    Raises
    ------
    ModuleNotFoundError
        If scikit-learn is not installed.

    Notes
    -----
    Forina et al. (1988), *PARVUS*. Used in the chapter ``regularization``.

    Examples
    --------
    >>> X, t, features, classes = wine()
    >>> X.shape, features[-1], np.bincount(t).tolist()
    ((178, 13), 'proline', [59, 71, 48])
    """
    return _classes(sklearn_datasets("wine").load_wine())


def iris() -> Table:
    """Load 150 iris flowers of three species: length and width of sepals and petals, in cm.

    Returns
    -------
    Table
        X float32 (150, 4), in cm; t int64 (150,): 0 setosa, 1 versicolor, 2 virginica, 50 of each.

    Raises
    ------
    ModuleNotFoundError
        If scikit-learn is not installed.

    Notes
    -----
    Fisher (1936). A straight line parts setosa from the two others, and none parts those.

    Examples
    --------
    >>> X, t, features, classes = iris()
    >>> classes, X[0].tolist() == np.float32([5.1, 3.5, 1.4, 0.2]).tolist()
    (('setosa', 'versicolor', 'virginica'), True)
    """
    return _classes(sklearn_datasets("iris").load_iris())


def breast_cancer() -> Table:
    """Load 569 breast tumors: 30 measurements of cell nuclei, and whether they were malignant.

    Returns
    -------
    Table
        X float32 (569, 30): mean, standard error and worst of ten properties of the nuclei in an
        image; t int64 (569,): 1 malignant (212), 0 benign (357).

    Raises
    ------
    ModuleNotFoundError
        If scikit-learn is not installed.

    Notes
    -----
    Street, Wolberg & Mangasarian (1993). scikit-learn codes malignant as 0; here the class to
    be found is 1, as the definitions of recall, precision and the ROC curve expect. Used in the
    chapter ``applications``.

    Examples
    --------
    >>> X, t, features, classes = breast_cancer()
    >>> X.shape, classes, int(t.sum())
    ((569, 30), ('benign', 'malignant'), 212)
    """
    table = _classes(sklearn_datasets("breast_cancer").load_breast_cancer())
    return table._replace(t=1 - table.t, classes=table.classes[::-1])


def diabetes() -> Table:
    """Load 442 patients with diabetes: ten measurements, and the progression one year later.

    Returns
    -------
    Table
        X float32 (442, 10): age (years), sex (1 or 2; the source does not say which is which), body
        mass index (kg/m²), mean blood pressure (mmHg), six blood serum measurements; t float32
        (442, 1), a quantitative measure of progression, 25 to 346.

    Raises
    ------
    ModuleNotFoundError
        If scikit-learn is not installed.

    Notes
    -----
    Efron, Hastie, Johnstone & Tibshirani (2004). By default scikit-learn scales the columns with
    all 442 rows; these are the measurements as they were taken. Used in the chapter
    ``applications``.

    Examples
    --------
    >>> X, t, features, classes = diabetes()
    >>> X.shape, t.shape, features[:4], classes
    ((442, 10), (442, 1), ('age', 'sex', 'bmi', 'bp'), ())
    """
    bunch = sklearn_datasets("diabetes").load_diabetes(scaled=False)
    X, t = bunch.data.astype(np.float32), bunch.target.astype(np.float32)
    return Table(X, t[:, None], tuple(bunch.feature_names), ())


def _classes(bunch: Any) -> Table:
    return Table(
        bunch.data.astype(np.float32),
        bunch.target.astype(np.int64),
        tuple(str(name) for name in bunch.feature_names),
        tuple(str(name) for name in bunch.target_names),
    )
