"""Multi-head attention and the layers of the Transformer: definition, masks, order, dropout."""

import numpy as np
import pytest

from chainrule import nn
from chainrule.autograd import Tensor
from chainrule.functional import affine, gelu, layer_norm, scaled_dot_product_attention
from chainrule.nn import functional as F

B, T, S, d = 2, 4, 5, 6


def rng(seed=0):
    return np.random.default_rng(seed)


def draw(*shape, seed=1):
    return rng(seed).standard_normal(shape)


def disturbed(module):
    """Away from the zeros and ones of a new module."""
    generator = rng(7)
    for p in module.parameters():
        p.data += 0.3 * generator.standard_normal(p.shape)
    return module


@pytest.mark.parametrize("heads", [1, 2, 3])
def test_definition_head_by_head(heads):
    module = disturbed(nn.MultiheadAttention(d, heads, rng=rng(), dtype=np.float64))
    query, key, value = draw(B, T, d), draw(B, S, d, seed=2), draw(B, S, d, seed=3)
    y, weights = module(query, key, value, average_attn_weights=False)
    W, b = module.in_proj_weight.data.reshape(3, d, d), module.in_proj_bias.data.reshape(3, d)
    q, k, v = (x @ W[i].T + b[i] for i, x in enumerate((query, key, value)))
    parts = []
    for h in range(heads):
        columns = slice(h * d // heads, (h + 1) * d // heads)
        part, _ = scaled_dot_product_attention(q[..., columns], k[..., columns], v[..., columns])
        parts.append(part)
        np.testing.assert_allclose(weights.data[:, h] @ v[..., columns], part, rtol=1e-10)
    W_o, b_o = module.out_proj.weight.data, module.out_proj.bias.data
    np.testing.assert_allclose(y.data, np.concatenate(parts, -1) @ W_o.T + b_o, rtol=1e-10)
    _, mean = module(query, key, value)
    np.testing.assert_allclose(mean.data, weights.data.mean(1), rtol=1e-14)
    alone, none = module(query, key, value, need_weights=False)
    assert none is None
    # Without weights to return, their product with the values is divided, not the weights.
    np.testing.assert_allclose(alone.data, y.data, rtol=1e-12)


def test_causal_and_masked_positions_are_not_seen():
    module = disturbed(nn.MultiheadAttention(d, 2, rng=rng(), dtype=np.float64))
    x, y = draw(B, T, d), draw(B, T, d)
    y[:, 2:] = 9
    before, after = (module(a, a, a, causal=True, need_weights=False)[0].data for a in (x, y))
    np.testing.assert_allclose(after[:, :2], before[:, :2], rtol=1e-13)
    assert not np.allclose(after[:, 2:], before[:, 2:])

    present = np.arange(S) < np.array([[3], [5]])
    keys, padded = draw(B, S, d), draw(B, S, d)
    padded[0, 3:] = 9
    y1, weights = module(x, keys, keys, mask=present[:, None, None])
    y2, _ = module(x, padded, padded, mask=present[:, None, None])
    np.testing.assert_allclose(y1.data, y2.data, rtol=1e-13)
    assert not weights.data[0, :, 3:].any()
    assert weights.data[1].all()
    # True means: may attend. Without mask the padding is seen.
    assert not np.allclose(module(x, padded, padded)[0].data[0], y1.data[0])


def test_dropout_acts_on_the_weights_in_training_alone():
    module = nn.MultiheadAttention(d, 2, dropout=0.5, rng=rng(), dtype=np.float64)
    x = draw(B, T, d)
    first, weights = module(x, x, x)
    second, again = module(x, x, x)
    assert not np.allclose(first.data, second.data)
    np.testing.assert_allclose(weights.data.sum(-1), 1)  # those before dropout
    assert np.array_equal(weights.data, again.data)
    module.eval()
    assert np.array_equal(module(x, x, x)[0].data, module(x, x, x)[0].data)


def test_shapes_that_do_not_fit_are_refused():
    module = nn.MultiheadAttention(d, 2, rng=rng(), dtype=np.float64)
    with pytest.raises(ValueError, match="MultiheadAttention: key must have shape"):
        module(draw(B, T, d), draw(B, S, d + 1), draw(B, S, d + 1))
    with pytest.raises(ValueError, match="mask must broadcast"):
        module(draw(B, T, d), draw(B, S, d), draw(B, S, d), mask=np.ones((S, T), bool))
    with pytest.raises(ValueError, match=r"MultiheadAttention: value must have shape \(2, 5, 6\)"):
        module(draw(B, T, d), draw(B, S, d), draw(B, S + 1, d))
    # One mask per example, or one per head? With two of each, both would broadcast.
    with pytest.raises(ValueError, match=r"a mask with three axes is ambiguous.*\(2, 4, 5\)"):
        module(draw(B, T, d), draw(B, S, d), draw(B, S, d), mask=np.ones((B, T, S), bool))


def value(result):
    return result[0]


@pytest.mark.parametrize("norm_first", [False, True])
def test_encoder_and_decoder_by_their_definition(norm_first):
    options = {"norm_first": norm_first, "activation": F.gelu, "rng": rng(), "dtype": np.float64}
    encoder = disturbed(nn.TransformerEncoderLayer(d, 2, 8, **options)).eval()
    decoder = disturbed(nn.TransformerDecoderLayer(d, 2, 8, **options)).eval()

    def normalize(norm, x):
        return value(layer_norm(x, norm.weight.data, norm.bias.data))

    def sublayer(x, branch, norm):
        if norm_first:
            return x + branch(normalize(norm, x))
        return normalize(norm, x + branch(x))

    def network(layer):
        def branch(x):
            hidden = value(affine(x, layer.linear1.weight.data, layer.linear1.bias.data))
            return value(
                affine(value(gelu(hidden)), layer.linear2.weight.data, layer.linear2.bias.data)
            )

        return branch

    x, memory = draw(B, T, d), draw(B, S, d, seed=2)
    expected = sublayer(x, lambda a: encoder.self_attn(a, a, a, causal=True)[0].data, encoder.norm1)
    expected = sublayer(expected, network(encoder), encoder.norm2)
    np.testing.assert_allclose(encoder(x, causal=True).data, expected, rtol=1e-12)

    cross = np.ones((T, S), bool)
    cross[:, -1] = False
    expected = sublayer(x, lambda a: decoder.self_attn(a, a, a, causal=True)[0].data, decoder.norm1)
    expected = sublayer(
        expected,
        lambda a: decoder.multihead_attn(a, memory, memory, mask=cross)[0].data,
        decoder.norm2,
    )
    expected = sublayer(expected, network(decoder), decoder.norm3)
    y = decoder(x, memory, causal=True, cross_mask=cross)
    np.testing.assert_allclose(y.data, expected, rtol=1e-12)


def test_with_the_normalization_first_a_layer_of_zero_weights_is_the_identity():
    layer = nn.TransformerEncoderLayer(d, 2, 8, norm_first=True, rng=rng(), dtype=np.float64)
    for p in layer.parameters():
        p.data[...] = 0
    x = draw(B, T, d)
    assert np.array_equal(layer.eval()(Tensor(x)).data, x)


@pytest.mark.parametrize("norm_first", [False, True])
def test_dropout_acts_on_hidden_units_and_on_whole_branches(norm_first):
    options = {"norm_first": norm_first, "rng": rng(), "dtype": np.float64}
    encoder = disturbed(nn.TransformerEncoderLayer(d, 2, 8, dropout=1.0, **options))
    decoder = disturbed(nn.TransformerDecoderLayer(d, 2, 8, dropout=1.0, **options))
    x, memory = draw(B, T, d), draw(B, S, d)
    for layer, inputs in ((encoder, (x,)), (decoder, (x, memory))):
        shapes, drop = [], layer.dropout.forward

        def record(a, shapes=shapes, drop=drop):
            shapes.append(a.shape)
            return drop(a)

        layer.dropout.forward = record
        y = layer(*inputs).data
        branches = len(inputs)  # those of attention
        assert shapes == [(B, T, d)] * branches + [(B, T, 8), (B, T, d)]
        expected = x  # all branches are dropped, their biases too: what is left are normalizations
        if not norm_first:
            for norm in [layer.norm1, layer.norm2, getattr(layer, "norm3", None)][: branches + 1]:
                expected = norm(expected).data
        np.testing.assert_allclose(y, expected, rtol=1e-13)


@pytest.mark.parametrize("kind", [nn.TransformerEncoderLayer, nn.TransformerDecoderLayer])
def test_an_activation_is_a_function(kind):
    with pytest.raises(TypeError, match=rf"{kind.__name__}: activation must be .*got 'gelu'; pass"):
        kind(d, 2, activation="gelu", rng=rng())


def test_maps_are_the_weights_of_every_attention_and_leave_no_trace():
    layers = [nn.TransformerEncoderLayer(8, 2, 16, rng=rng(), dtype=np.float64) for _ in range(2)]
    model, x = nn.Sequential(*layers), np.random.default_rng(1).standard_normal((3, 5, 8))
    maps = nn.attention_maps(model, x)
    assert list(maps) == ["0.self_attn", "1.self_attn"]
    layers[0].eval()
    _, weights = layers[0].self_attn(x, x, x, average_attn_weights=False)
    assert np.array_equal(maps["0.self_attn"], weights.data)
    np.testing.assert_allclose(maps["1.self_attn"].sum(-1), 1, rtol=1e-12)
    assert not any("forward" in vars(m) for _, m in model.named_modules())
    with pytest.raises(ValueError, match=r"\(3, 5, 7\)"):
        nn.attention_maps(model, x[..., :7])
    assert not any("forward" in vars(m) for _, m in model.named_modules())


@pytest.mark.parametrize("parts", [[5], [1, 1, 1, 1, 1], [2, 3], [3, 1, 1]])
def test_a_cache_gives_what_the_whole_sequence_gives(parts):
    module = nn.TransformerEncoderLayer(8, 2, 16, 0.0, rng=rng(), dtype=np.float64)
    x = np.random.default_rng(1).standard_normal((3, 5, 8))
    cache, ends = nn.KeyValueCache(), np.cumsum(parts)
    y = [
        module(x[:, b - n : b], causal=True, cache=cache).data
        for n, b in zip(parts, ends, strict=True)
    ]
    assert len(cache) == 5
    expected = module(x, causal=True).data
    np.testing.assert_allclose(np.concatenate(y, axis=1), expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("options", [{}, {"causal": True, "mask": np.ones((5, 5), bool)}])
def test_a_cache_serves_causal_attention_only(options):
    module = nn.MultiheadAttention(8, 2, rng=rng())
    x = np.zeros((1, 5, 8), np.float32)
    with pytest.raises(ValueError, match="a cache serves causal self-attention; pass causal=True"):
        module(x, x, x, cache=nn.KeyValueCache(), **options)
