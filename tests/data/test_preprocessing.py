"""Scaling and filling: estimated on the training part, applied to any, the same as a peer's."""

import numpy as np
import pytest
from sklearn import preprocessing

from chainrule.data import mean_imputer, min_max_scaler, one_hot, standardizer, wine


def tables(dtype=np.float64):
    X = wine().X.astype(dtype)
    return X[:100], X[100:]


@pytest.mark.parametrize(
    ("make", "peer"),
    [
        (standardizer, preprocessing.StandardScaler),
        (min_max_scaler, preprocessing.MinMaxScaler),
    ],
)
def test_the_same_as_scikit_learn(make, peer):
    train, test = tables()
    scaling, theirs = make(train), peer().fit(train)
    for X in (train, test):
        np.testing.assert_allclose(scaling(X), theirs.transform(X), atol=1e-12)
        np.testing.assert_allclose(scaling.inverse(scaling(X)), X, rtol=1e-12)


def test_what_they_promise():
    train, test = tables()
    Z = standardizer(train)(train)
    np.testing.assert_allclose(Z.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(Z.std(0), 1, rtol=1e-12)
    Z = min_max_scaler(train)(train)
    assert (Z.min(0) == 0).all()
    assert (Z.max(0) == 1).all()
    assert min_max_scaler(train)(test).max() > 1, "the test part goes beyond"


@pytest.mark.parametrize("make", [standardizer, min_max_scaler, mean_imputer])
def test_inputs_stay_and_dtypes_stay(make):
    train, test = tables(np.float32)
    before = train.copy(), test.copy()
    out = make(train)(test)
    assert out.dtype == np.float32
    assert not np.shares_memory(out, test)
    np.testing.assert_array_equal(train, before[0])
    np.testing.assert_array_equal(test, before[1])


@pytest.mark.parametrize("make", [standardizer, min_max_scaler])
@pytest.mark.parametrize("constant", [0.0, 0.1, 1e6, -3.3])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_constant_feature_becomes_zero_and_is_not_blown_up(make, constant, dtype):
    X = np.full((7, 2), constant, dtype)
    X[:, 1] = np.arange(7)
    scaling = make(X)
    assert (scaling(X)[:, 0] == 0).all()
    assert scaling.scale[0] == 1
    assert scaling.scale[1] > 1


def test_many_float32_rows_keep_their_mean():
    X = (1000 + np.random.default_rng(0).standard_normal((200_000, 1))).astype(np.float32)
    scaling = standardizer(X)
    np.testing.assert_allclose(scaling.shift, X.mean(dtype=np.float64), rtol=1e-7)
    np.testing.assert_allclose(scaling.scale, X.std(dtype=np.float64), rtol=1e-6)


def test_images_are_scaled_pixel_by_pixel():
    X = np.random.default_rng(0).random((5, 1, 3, 4))
    assert standardizer(X).shift.shape == (1, 3, 4)
    np.testing.assert_allclose(standardizer(X)(X).std(0), 1)


def test_gaps_are_filled_with_the_mean_of_the_training_part():
    train = np.array([[1, np.nan], [3, 10], [np.nan, 20]])
    fill = mean_imputer(train)
    np.testing.assert_array_equal(fill.values, [2, 15])
    np.testing.assert_array_equal(fill(train), [[1, 15], [3, 10], [2, 20]])
    np.testing.assert_array_equal(fill(np.array([[np.nan, np.nan]])), [[2, 15]])


@pytest.mark.parametrize("make", [standardizer, min_max_scaler, mean_imputer])
def test_what_is_not_a_table_is_refused(make):
    name = make.__name__
    with pytest.raises(TypeError, match=f"^{name}: .* floating-point array, got int64"):
        make(np.zeros((2, 2), int))
    with pytest.raises(TypeError, match=f"^{name}: .* floating-point array, got list"):
        make([[1.0]])
    with pytest.raises(ValueError, match=rf"^{name}: X_train has no examples, got shape \(0, 2\)"):
        make(np.zeros((0, 2)))
    with pytest.raises(ValueError, match=rf"^{name}: X_train has no examples, got shape \(\)"):
        make(np.array(1.0))
    with pytest.raises(ValueError, match=f"^{name}: .*infinite"):
        make(np.array([[np.inf], [1.0]]))
    applied = make(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"examples of shape \(3,\), got X of shape \(2, 1\)"):
        applied(np.ones((2, 1)))  # would broadcast


@pytest.mark.parametrize("make", [standardizer, min_max_scaler])
def test_gaps_must_be_filled_before_scaling(make):
    with pytest.raises(ValueError, match=r"1 values that are NaN or infinite; .* mean_imputer"):
        make(np.array([[np.nan], [1.0]]))


def test_the_inverse_looks_at_the_shape_too():
    with pytest.raises(ValueError, match=r"^Scaling.inverse: .* got X of shape \(2, 1\)"):
        standardizer(np.ones((2, 3))).inverse(np.ones((2, 1)))


def test_a_feature_without_any_value_is_refused():
    with pytest.raises(ValueError, match=r"^mean_imputer: 1 features have no value"):
        mean_imputer(np.array([[np.nan, 1.0], [np.nan, 2.0]]))


@pytest.mark.parametrize("shape", [(), (5,), (2, 3), (0,)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_one_hot(shape, dtype):
    t = np.random.default_rng(0).integers(0, 4, shape)
    out = one_hot(np.asarray(t), 4, dtype=dtype)
    assert out.shape == (*shape, 4)
    assert out.dtype == dtype
    np.testing.assert_array_equal(out.argmax(-1), t)
    assert (out.sum(-1) == 1).all()


@pytest.mark.parametrize(
    ("t", "classes", "error", "message"),
    [
        (np.array([0, 3]), 3, ValueError, "between 0 and 2, got 3"),
        (np.array([0, -1]), 3, ValueError, "between 0 and 2, got -1"),
        (np.array([0]), 0, ValueError, "classes must be at least 1, got 0"),
        (np.array([0]), 2.0, TypeError, "classes must be an integer"),
        (np.array([0.0]), 2, TypeError, "integer array of classes, got float64"),
        ([0], 2, TypeError, "integer array of classes, got list"),
    ],
)
def test_one_hot_refused(t, classes, error, message):
    with pytest.raises(error, match=f"^one_hot: .*{message}"):
        one_hot(t, classes)
