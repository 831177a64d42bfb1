"""Without its optional packages, the library says what to install; its core does not miss them."""

import subprocess
import sys

import pytest

OPTIONAL = ["hypothesis", "IPython", "matplotlib", "onnx", "scipy", "sklearn", "sympy"]

WITHOUT = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {missing}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
"""


def run_without(missing, code):
    script = WITHOUT.format(missing=set(missing)) + code
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("missing", "code", "said"),
    [
        ("sympy", "import chainrule.proofs", "chainrule.proofs: the witnesses need SymPy"),
        (
            "onnx",
            "from chainrule.functional import relu\n"
            "from chainrule.proofs import prove\n"
            "prove(relu)",
            "prove: the third-party vectors come with the package onnx",
        ),
        (
            "sklearn",
            "from chainrule.functional import mse_loss\n"
            "from chainrule.proofs import prove\n"
            "prove(mse_loss)",
            "prove: scikit-learn computes the third-party vectors",
        ),
        (
            "sklearn",
            "from chainrule.data import digits\ndigits()",
            "digits: this data set comes with scikit-learn",
        ),
        (
            "matplotlib",
            "import chainrule.plotting",
            "chainrule.plotting: the figures need matplotlib",
        ),
    ],
)
def test_what_needs_a_package_says_so(missing, code, said):
    result = run_without([missing], code)
    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith(f"ModuleNotFoundError: {said}")
    assert "is not installed; pip install" in last
    assert "During handling" not in result.stderr, "one error, not two"


@pytest.mark.slow
def test_the_core_needs_numpy_only():
    code = """
import numpy as np
from chainrule import autograd, data, functional, nn, optim, progress, training

X, t = data.xor()
rng = np.random.default_rng(0)
model = nn.Sequential(nn.Linear(2, 8, rng=rng), nn.Tanh(), nn.Linear(8, 2, rng=rng))
training.fit(
    model, nn.functional.cross_entropy, X, t,
    optimizer=optim.SGD(model.parameters(), lr=0.5, momentum=0.9),
    epochs=200, batch_size=4, rng=rng, progress=True,
)
print(training.accuracy(model(X).data, t), data.mnist().X_train.shape)
"""
    result = run_without(OPTIONAL, code)
    assert result.returncode == 0, result.stderr
    assert result.stdout == "1.0 (8000, 784)\n"


@pytest.mark.slow
def test_the_blocker_blocks():
    for name in OPTIONAL:
        result = run_without([name], f"import {name}")
        assert f"No module named '{name}'" in result.stderr
