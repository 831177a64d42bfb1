"""Drawing the next token: the distribution, its cuts, its limits; caches give the same logits."""

import numpy as np
import pytest

from chainrule import models, nn
from chainrule.models import next_token_probabilities, sample_tokens

LOGITS = np.log([[0.5, 0.25, 0.15, 0.1], [0.1, 0.2, 0.3, 0.4]])


def rng(seed=0):
    return np.random.default_rng(seed)


def test_temperature_is_a_power_of_the_probabilities():
    for temperature in (0.5, 1.0, 3.0):
        p = np.exp(LOGITS) ** (1 / temperature)
        expected = p / p.sum(1, keepdims=True)
        got = next_token_probabilities(LOGITS, temperature=temperature)
        np.testing.assert_allclose(got, expected, rtol=1e-14)
    assert next_token_probabilities(LOGITS + 1000, temperature=1e-3).argmax(1).tolist() == [0, 3]


def test_towards_zero_temperature_is_the_largest_and_zero_is_the_limit():
    limit = next_token_probabilities(LOGITS, temperature=0)
    assert limit.tolist() == [[1, 0, 0, 0], [0, 0, 0, 1]]
    np.testing.assert_allclose(next_token_probabilities(LOGITS, temperature=0.01), limit, atol=1e-9)
    ties = next_token_probabilities(np.zeros(3), temperature=0)
    assert ties.tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"top_k": 1}, [[0], [3]]),
        ({"top_k": 3}, [[0, 1, 2], [1, 2, 3]]),
        ({"top_k": 9}, [[0, 1, 2, 3], [0, 1, 2, 3]]),
        ({"top_p": 1e-9}, [[0], [3]]),
        ({"top_p": 0.49}, [[0], [2, 3]]),
        ({"top_p": 0.51}, [[0, 1], [2, 3]]),
        ({"top_p": 1.0}, [[0, 1, 2, 3], [0, 1, 2, 3]]),
        ({"top_p": 0.95, "top_k": 2}, [[0, 1], [2, 3]]),
    ],
)
def test_what_is_cut_and_that_the_rest_keeps_its_proportions(options, kept):
    p = next_token_probabilities(LOGITS, **options)
    assert [np.flatnonzero(row).tolist() for row in p] == kept
    np.testing.assert_allclose(p.sum(1), 1, rtol=1e-15)
    whole = np.exp(LOGITS)
    for row, full, ids in zip(p, whole, kept, strict=True):
        np.testing.assert_allclose(row[ids], full[ids] / full[ids].sum(), rtol=1e-14)


@pytest.mark.parametrize("options", [{}, {"temperature": 0.5}, {"top_k": 2}, {"top_p": 0.7}])
def test_frequencies_are_the_probabilities(options):
    n = 20_000
    rows = np.broadcast_to(LOGITS[0], (n, 4))
    counts = np.bincount(sample_tokens(rows, rng=rng(), **options), minlength=4)
    p = next_token_probabilities(LOGITS[0], **options)
    assert not counts[p == 0].any()
    # Five standard deviations of a binomial count; 4 counts, seeded.
    assert (np.abs(counts - n * p) <= 5 * np.sqrt(n * p * (1 - p))).all()


def test_a_forbidden_token_never_comes_and_neither_input_nor_generator_is_wasted():
    logits = np.array([[0.0, -np.inf, 0.0]])
    before, draw = logits.copy(), rng()
    assert 1 not in {int(sample_tokens(logits, rng=draw)[0]) for _ in range(200)}
    assert np.array_equal(logits, before)
    assert sample_tokens(np.zeros((2, 3, 5)), rng=rng()).shape == (2, 3)


@pytest.mark.parametrize(
    ("logits", "options", "message"),
    [
        (LOGITS, {"temperature": -1}, "temperature must be at least 0, got -1"),
        (LOGITS, {"temperature": np.nan}, "temperature must be at least 0, got nan"),
        (LOGITS, {"top_k": 0}, "top_k must be at least 1, got 0"),
        (LOGITS, {"top_p": 0}, r"top_p must lie in \(0, 1\], got 0"),
        (LOGITS, {"top_p": 1.5}, r"top_p must lie in \(0, 1\], got 1.5"),
        (np.array(1.0), {}, r"takes logits \(..., V\) with V at least 1, got shape \(\)"),
        (np.zeros((2, 0)), {}, r"got shape \(2, 0\)"),
        (np.array([0.0, np.nan]), {}, "a row of logits holds NaN or inf"),
        (np.array([0.0, np.inf]), {}, "a row of logits holds NaN or inf"),
        (np.full(3, -np.inf), {}, "nothing but −inf"),
    ],
)
def test_what_is_no_distribution_is_refused(logits, options, message):
    with pytest.raises(ValueError, match=message):
        sample_tokens(logits, rng=rng(), **options)


def gpt(**options):
    return models.GPT(11, 8, 16, 2, 2, rng=rng(), **{"dtype": np.float64, **options})


def test_the_cache_changes_no_logit():
    model, ids = gpt(), rng(1).integers(0, 11, (3, 8))
    for p in model.parameters():  # far from the small weights of a new model
        p.data *= 10
    whole = model(ids).data
    for parts in ([8], [1] * 8, [3, 1, 4]):
        cache, ends = [nn.KeyValueCache() for _ in model.layers], np.cumsum(parts)
        logits = [
            model(ids[:, b - n : b], cache=cache).data for n, b in zip(parts, ends, strict=True)
        ]
        np.testing.assert_allclose(np.concatenate(logits, axis=1), whole, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("length", [1, 5, 12])  # the last is longer than what GPT sees
@pytest.mark.parametrize("options", [{}, {"temperature": 0}, {"top_k": 3}, {"top_p": 0.8}])
def test_gpt_generates_the_same_with_and_without_the_cache(length, options):
    model, ids = gpt(dropout=0.3), rng(1).integers(0, 11, (3, 2))
    fast, slow = (
        model.generate(ids, length, rng=rng(2), use_cache=use, **options) for use in (True, False)
    )
    assert np.array_equal(fast, slow)
    assert np.array_equal(fast[:, :2], ids)
    assert fast.shape == (3, 2 + length)
    assert model.training
    assert all(p.grad is None for p in model.parameters())


@pytest.mark.parametrize("cell", ["RNN", "GRU", "LSTM"])
def test_a_recurrent_network_generates_what_it_would_say_of_the_whole(cell):
    model = models.CharRNN(11, 4, 8, cell, num_layers=2, dropout=0.3, rng=rng(), dtype=np.float64)
    ids = model.generate(rng(1).integers(0, 11, (3, 2)), 6, rng=rng(2), temperature=0)
    with nn.evaluating(model):
        logits, _ = model(ids[:, :-1])
    assert np.array_equal(logits.data[:, 1:].argmax(-1), ids[:, 2:])
    assert model.training


def test_generation_follows_the_distribution_of_the_model():
    for model in (gpt(), models.CharRNN(11, 4, 8, rng=rng(), dtype=np.float64)):
        for p in model.parameters():
            p.data *= 3
        n = 4000
        ids = model.generate(np.full((n, 1), 7), 1, rng=rng(3), temperature=0.7)
        y = model(np.array([[7]]))
        logits = (y[0] if isinstance(y, tuple) else y).data[0, -1]
        p = next_token_probabilities(logits, temperature=0.7)
        counts = np.bincount(ids[:, 1], minlength=11)
        assert (np.abs(counts - n * p) <= 5 * np.sqrt(n * p * (1 - p))).all()


def test_gpt_sees_nothing_of_what_follows():
    model, ids = gpt(), rng(1).integers(0, 11, (1, 8))
    before = model(ids).data
    for t in range(7):
        changed = ids.copy()
        changed[:, t + 1 :] = (changed[:, t + 1 :] + 1) % 11
        after = model(changed).data
        assert np.array_equal(before[:, : t + 1], after[:, : t + 1])
        assert not np.array_equal(before[:, t + 1], after[:, t + 1])


def test_gpt_ties_its_first_and_its_last_weights():
    tied, free = gpt(), gpt(tie_weights=False)
    assert tied.head.weight is tied.token_embedding.weight
    assert free.num_parameters() - tied.num_parameters() == 11 * 16
    tied(np.array([[1, 2]]))[:, :, 5].sum().backward()
    gradient = tied.token_embedding.weight.grad
    assert gradient[5].any()  # as output
    assert gradient[1].any()  # as input
    assert gradient[2].any()
    assert not gradient[9].any()


def test_the_end_of_a_branch_begins_smaller():
    model = models.GPT(100, 50, 128, 4, 8, rng=rng())
    for name, p in model.named_parameters():
        if p.ndim > 1:
            small = name.endswith(("out_proj.weight", "linear2.weight"))
            assert p.data.std() == pytest.approx(0.02 / (4 if small else 1), rel=0.05), name
        else:
            assert set(np.unique(p.data)) <= {0.0, 1.0}, name


def test_greedy_decoding_ends_and_fills_up():
    model = models.Transformer(6, 6, 8, 2, 1, 16, rng=rng())
    ids = model.greedy_decode(np.array([[1, 2], [3, 4]]), start=0, end=5, max_len=7)
    assert ids.shape[1] <= 7
    assert (ids[:, 0] == 0).all()
    model.head.bias.data[5] = 100  # now it always ends
    ids = model.greedy_decode(np.array([[1, 2], [3, 4]]), start=0, end=5, max_len=7)
    assert ids.tolist() == [[0, 5], [0, 5]]
    assert model.training


def test_what_a_model_returns_is_what_tokens_are_drawn_from():
    model = models.GPT(7, 5, 8, 2, 1, rng=np.random.default_rng(0))
    logits = model(np.array([[1, 2]]))[:, -1]
    assert logits.requires_grad
    p = models.next_token_probabilities(logits)
    assert np.array_equal(p, models.next_token_probabilities(logits.data))
