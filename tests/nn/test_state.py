"""State of modules: what belongs to it, train and eval, copying, saving, and damaged files."""

import zipfile

import numpy as np
import pytest

from chainrule import nn
from chainrule.autograd import Tensor
from chainrule.nn import functional as F


def rng(seed=0):
    return np.random.default_rng(seed)


def network(seed=0):
    return nn.Sequential(
        nn.Linear(3, 4, rng=rng(seed)), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2, rng=rng(seed))
    )


def same(first, second):
    return list(first) == list(second) and all(np.array_equal(first[k], second[k]) for k in first)


def test_parameters_buffers_and_neither():
    class Layer(nn.Module):
        def __init__(self):
            self.weight = Tensor(np.ones(3), requires_grad=True)
            self.mean = Tensor(np.zeros(3))
            self.table = np.zeros(5)  # a constant: not state
            self.seen = None

        def forward(self, x):
            self.seen = F.mul(x, self.weight)
            return self.seen

    layer = Layer()
    layer(Tensor(np.ones(3)))
    assert layer.seen.requires_grad
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
    assert [name for name, _ in layer.named_buffers()] == ["mean"]
    assert list(layer.state_dict()) == ["weight", "mean"]


def test_a_frozen_parameter_is_still_saved():
    model = network()
    names = list(model.state_dict())
    frozen = model[0].weight
    frozen.requires_grad = False
    assert list(model.state_dict()) == names
    assert frozen not in set(model.parameters())
    assert "0.weight" in dict(model.named_buffers())


def test_a_shared_module_comes_once():
    layer = nn.Linear(3, 3, rng=rng())
    model = nn.Sequential(layer, nn.ReLU(), layer)
    assert [name for name, _ in model.named_modules()] == ["", "0", "1"]
    assert list(model.state_dict()) == ["0.weight", "0.bias"]
    assert model.num_parameters() == 12
    assert [row[-1] for row in model.summary().rows] == ["12", "0"]


def test_a_parameter_that_two_layers_share_is_counted_with_the_first():
    model = nn.Sequential(nn.Linear(3, 3, rng=rng()), nn.Linear(3, 3, rng=rng()))
    model[1].weight = model[0].weight
    assert model.num_parameters() == 15
    assert [row[-1] for row in model.summary().rows] == ["12", "3"]


def test_train_and_eval_reach_every_module_and_return_the_model():
    class Block(nn.Module):
        def __init__(self):
            self.branches = [nn.Dropout(rng=rng()), network()]

    block = Block()
    assert all(module.training for _, module in block.named_modules())
    assert block.eval() is block
    assert not any(module.training for _, module in block.named_modules())
    block.branches[0].train()
    assert block.branches[0].training
    assert not block.training
    assert block.train() is block
    assert all(module.training for _, module in block.named_modules())


def test_state_dict_is_a_copy():
    model = network()
    state = model.state_dict()
    before = {name: a.copy() for name, a in state.items()}
    for p in model.parameters():
        p.data += 1
    model(rng().standard_normal((5, 3)).astype(np.float32))  # moves the running statistics
    assert same(state, before)
    state["0.weight"][:] = 7
    assert not (model[0].weight.data == 7).any()


def test_loading_works_in_place_so_that_optimizers_keep_their_parameters():
    model, other = network(0), network(1)
    arrays = [p.data for p in model.parameters()]
    state = other.state_dict()
    model.load_state_dict(state)
    assert all(p.data is a for p, a in zip(model.parameters(), arrays, strict=True))
    assert same(model.state_dict(), state)
    state["0.weight"][:] = 7  # the model keeps no reference
    assert not (model[0].weight.data == 7).any()


def test_all_differences_are_listed_and_nothing_is_set():
    model = network()
    before = model.state_dict()
    state = network(1).state_dict()
    del state["3.bias"]
    state["0.weight"] = np.zeros((4, 5), np.float32)
    state["0.bias"] = np.zeros(4)
    state["1.running_mean"] = np.zeros((4, 1))
    state["4.weight"] = np.zeros(2, np.float32)
    with pytest.raises(ValueError, match="load_state_dict: state does not fit this Seq") as caught:
        model.load_state_dict(state)
    assert str(caught.value).split("\n")[1:] == [
        "  missing: 3.bias (2,) float32",
        "  unexpected: 4.weight (2,) float32",
        "  wrong shape: 0.weight must be (4, 3), got (4, 5)",
        "  wrong dtype: 0.bias must be float32, got float64",
        "  wrong shape: 1.running_mean must be (4,), got (4, 1)",
        "  wrong dtype: 1.running_mean must be float32, got float64",
    ]
    assert same(model.state_dict(), before)


def test_save_and_load(tmp_path):
    model, other = network(0), network(1)
    model(rng().standard_normal((5, 3)).astype(np.float32))
    path = tmp_path / "model.npz"
    model.save(path)
    assert [p.name for p in tmp_path.iterdir()] == ["model.npz"]
    other.load(str(path))
    assert same(other.state_dict(), model.state_dict())
    assert other[1].num_batches_tracked.item() == 1
    with np.load(path, allow_pickle=False) as arrays:
        assert same(dict(arrays), model.state_dict())


def test_names_that_savez_would_take_for_its_own_and_arrays_in_any_order(tmp_path):
    class Odd(nn.Module):
        def __init__(self):
            self.file = Tensor(np.arange(6.0).reshape(2, 3).T, requires_grad=True)
            self.empty = Tensor(np.zeros((0, 3)))

    model, other = Odd(), Odd()
    model.save(tmp_path / "odd")
    other.file.data = np.zeros((3, 2))
    other.load(tmp_path / "odd")
    assert np.array_equal(other.file.data, np.arange(6.0).reshape(2, 3).T)


def test_a_file_of_another_model_is_refused(tmp_path):
    path = tmp_path / "other.npz"
    nn.Linear(3, 5, rng=rng()).save(path)
    model = nn.Linear(3, 4, rng=rng())
    before = model.state_dict()
    with pytest.raises(ValueError, match=r"load: .*other\.npz does not fit this Linear") as caught:
        model.load(path)
    assert "wrong shape: weight must be (4, 3), got (5, 3)" in str(caught.value)
    assert same(model.state_dict(), before)


def test_whatever_byte_is_damaged_it_is_noticed_or_does_not_matter(tmp_path):
    path = tmp_path / "model.npz"
    saved = nn.Linear(2, 2, rng=rng(1))
    saved.save(path)
    intact, expected = path.read_bytes(), saved.state_dict()
    noticed = 0
    for i in range(len(intact)):
        for flip in (0x01, 0xFF):
            path.write_bytes(intact[:i] + bytes([intact[i] ^ flip]) + intact[i + 1 :])
            model = nn.Linear(2, 2, rng=rng(0))
            before = model.state_dict()
            try:
                model.load(path)
            except ValueError:
                noticed += 1
                assert same(model.state_dict(), before)
            else:
                assert same(model.state_dict(), expected)
    assert noticed > len(intact)  # of twice as many; what is left are dates and the like


def test_a_file_that_was_cut_off_is_refused(tmp_path):
    path = tmp_path / "model.npz"
    model = nn.Linear(3, 4, rng=rng())
    model.save(path)
    intact, before = path.read_bytes(), model.state_dict()
    for length in range(0, len(intact), 7):
        path.write_bytes(intact[:length])
        with pytest.raises(ValueError, match=r"load: .*model\.npz is damaged, or is not an \.npz"):
            model.load(path)
    assert same(model.state_dict(), before)


def test_pickles_are_not_read(tmp_path):
    path = tmp_path / "pickled.npz"
    np.savez(path, weight=np.array([{"a": 1}], dtype=object), bias=np.zeros(1, np.float32))
    with pytest.raises(ValueError, match=r"is damaged, or is not an \.npz.*allow_pickle=False"):
        nn.Linear(1, 1, rng=rng()).load(path)


def test_other_files_are_refused(tmp_path):
    model = nn.Linear(1, 1, rng=rng())
    np.save(tmp_path / "one.npy", np.zeros(3))
    (tmp_path / "text.npz").write_text("weights")
    with zipfile.ZipFile(tmp_path / "archive.npz", "w") as archive:
        archive.writestr("weight.npy", b"1 2 3")
    for name in ("one.npy", "text.npz", "archive.npz"):
        with pytest.raises(ValueError, match=f"{name} is damaged, or is not an"):
            model.load(tmp_path / name)
    with pytest.raises(FileNotFoundError, match=r"nowhere\.npz"):
        model.load(tmp_path / "nowhere.npz")
    with pytest.raises(FileNotFoundError):
        model.save(tmp_path / "no folder" / "model.npz")


def test_an_interrupted_save_leaves_the_older_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "model.npz"
    first = nn.Linear(3, 4, rng=rng(0))
    first.save(path)
    intact = path.read_bytes()
    write, calls = np.lib.format.write_array, []

    def interrupted(file, a, **options):
        calls.append(a)
        if len(calls) == 2:
            raise KeyboardInterrupt
        write(file, a, **options)

    monkeypatch.setattr(np.lib.format, "write_array", interrupted)
    with pytest.raises(KeyboardInterrupt):
        nn.Linear(3, 4, rng=rng(1)).save(path)
    assert len(calls) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["model.npz"]
    assert path.read_bytes() == intact


def test_summary():
    model = network()
    assert str(model.summary()).split("\n") == [
        "Sequential: 34 parameters",
        "module  type         parameters",
        "0       Linear               16",
        "1       BatchNorm1d           8",
        "2       ReLU                  0",
        "3       Linear               10",
    ]


def test_summary_with_an_example_shows_shapes_and_leaves_no_trace():
    model = network()
    model[2].eval()
    before, modes = model.state_dict(), [m.training for _, m in model.named_modules()]
    table = model.summary(np.ones((5, 3), np.float32))
    assert [row[2].replace("\N{NO-BREAK SPACE}", " ") for row in table.rows] == [
        "(5, 4)",
        "(5, 4)",
        "(5, 4)",
        "(5, 2)",
    ]
    assert same(model.state_dict(), before)
    assert [m.training for _, m in model.named_modules()] == modes
    assert not any("forward" in vars(m) for _, m in model.named_modules())
    with pytest.raises(ValueError, match="affine"):
        model.summary(np.ones((5, 7), np.float32))
    assert [m.training for _, m in model.named_modules()] == modes
    assert not any("forward" in vars(m) for _, m in model.named_modules())


def test_summary_of_a_model_whose_forward_leaves_a_layer_out():
    class Half(nn.Module):
        def __init__(self):
            self.used = nn.Linear(3, 2, rng=rng())
            self.unused = nn.Linear(3, 2, rng=rng())

        def forward(self, x):
            return self.used(x)

    rows = Half().summary(np.ones((1, 3), np.float32)).rows
    assert [row[2] for row in rows] == ["(1,\N{NO-BREAK SPACE}2)", "not called"]


def test_summary_of_a_shape_is_that_of_an_example():
    model = network()
    assert str(model.summary((5, 3))) == str(model.summary(np.ones((5, 3), np.float32)))


def test_evaluating_keeps_no_record_and_gives_every_module_its_own_mode_back():
    model = network()
    model[2].eval()
    modes = [m.training for _, m in model.named_modules()]
    with nn.evaluating(model):
        assert not any(m.training for _, m in model.named_modules())
        assert not model(np.ones((5, 3), np.float32)).requires_grad
    assert [m.training for _, m in model.named_modules()] == modes
    with pytest.raises(ValueError, match="affine"), nn.evaluating(model):
        model(np.ones((5, 7), np.float32))
    assert [m.training for _, m in model.named_modules()] == modes
    assert model(np.ones((5, 3), np.float32)).requires_grad


@pytest.mark.parametrize("state", ["model.npz", None, [1.0]])
def test_a_state_that_is_no_mapping_is_refused(state):
    with pytest.raises(TypeError, match=r"load_state_dict: state must be .* load\(path\)"):
        network().load_state_dict(state)


def test_a_state_may_hold_tensors():
    first, second = network(0), network(1)
    tensors = dict(second.named_parameters()) | dict(second.named_buffers())
    first.load_state_dict(tensors)
    assert same(first.state_dict(), second.state_dict())


def test_paths_that_are_none_are_refused(tmp_path):
    model = network()
    for use, name in ((model.save, "save"), (model.load, "load")):
        for path in (None, 3):  # 3 could be a file that is open already
            with pytest.raises(TypeError, match=f"{name}: path must be of type str or PathLike"):
                use(path)
    with pytest.raises(FileNotFoundError, match=r"save: there is no folder .*nowhere; make"):
        model.save(tmp_path / "nowhere" / "model.npz")


def test_the_summary_of_a_shape_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"summary: inputs\[0\] must be at least 1, got -1"):
        network().summary((-1, 3))
