"""Tables and photographs of scikit-learn: what is known of them."""

import numpy as np
import pytest
from sklearn import datasets

from chainrule.data import breast_cancer, diabetes, iris, photographs, wine


@pytest.mark.parametrize(
    ("load", "counts", "classes"),
    [
        (wine, [59, 71, 48], ("class_0", "class_1", "class_2")),
        (iris, [50, 50, 50], ("setosa", "versicolor", "virginica")),
        (breast_cancer, [357, 212], ("benign", "malignant")),
    ],
)
def test_classes(load, counts, classes):
    table = load()
    assert np.bincount(table.t).tolist() == counts
    assert table.classes == classes
    assert len(set(table.features)) == table.X.shape[1]
    assert (table.X >= 0).all()


def test_wine_has_features_of_very_different_scale():
    table = wine()
    mean = dict(zip(table.features, table.X.mean(0).tolist(), strict=True))
    assert mean["proline"] > 700
    assert mean["hue"] < 1


def test_iris_is_what_fisher_printed():
    # The two rows that the copy of the UCI repository has wrong.
    X = iris().X
    np.testing.assert_allclose(X[34], [4.9, 3.1, 1.5, 0.2], rtol=1e-6)
    np.testing.assert_allclose(X[37], [4.9, 3.6, 1.4, 0.1], rtol=1e-6)


def test_malignant_is_one_and_its_nuclei_are_larger():
    table = breast_cancer()
    area = table.X[:, table.features.index("mean area")]
    assert area[table.t == 1].mean() > 2 * area[table.t == 0].mean()


def test_diabetes_is_not_scaled():
    table = diabetes()
    age, sex, bmi = table.X[:, :3].T
    assert (age.min(), age.max()) == (19, 79)
    assert set(sex) == {1, 2}
    assert 18 <= bmi.min() < bmi.max() < 43
    assert (table.t.min(), table.t.max()) == (25, 346)
    assert table.classes == ()


def test_photographs_are_those_of_scikit_learn_channels_first():
    images = photographs()
    for name in ("china", "flower"):
        theirs = datasets.load_sample_image(f"{name}.jpg")
        ours = np.round(images[name].transpose(1, 2, 0) * 255).astype(np.uint8)
        np.testing.assert_array_equal(ours, theirs)
        assert 0 <= images[name].min() < 0.05
        assert 0.95 < images[name].max() <= 1
