"""The wheel: what is in it, and that it works alone, without network, next to NumPy only.

``python -m tools.check_wheel`` does the same as a learner would, with pip and the network, in an
environment of its own; this is the part that every test run can afford.
"""

import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import numpy as np
import pytest

import chainrule
from tools.paths import ROOT
from tools.wheel import PIP, build, wheel_name

pytestmark = pytest.mark.slow

USE = """
import sys
sys.path[:0] = sys.argv[1:]

import numpy as np
import chainrule
from chainrule import data, nn, optim, training
from chainrule.nn import functional as F

digits = data.mnist()
rng = np.random.default_rng(0)
model = nn.Sequential(nn.Linear(784, 10, rng=rng))
history = training.fit(
    model, F.cross_entropy, digits.X_train[:100], digits.t_train[:100],
    optimizer=optim.SGD(model.parameters(), lr=0.1), epochs=1, batch_size=50, rng=rng,
)
files = {name.partition(".")[0] for name, m in sys.modules.items() if getattr(m, "__file__", None)}
foreign = files - {"chainrule", "numpy"}
tables = [data.first_names(), data.surnames(), data.product_reviews(), data.sunspots(), data.co2()]
assert [len(table[0]) for table in tables] == [5494, 20000, 3708, 309, 2284]
print(chainrule.__file__, np.__file__, len(digits.X_train), len(history.loss))
print(*sorted(name for name in foreign if name not in sys.stdlib_module_names))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build(str(tmp_path_factory.mktemp("wheel")), "--no-build-isolation", "--no-index")


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_every_module_and_data_file_is_in_it_and_nothing_else(names):
    package = ROOT / "lib" / "chainrule"
    shipped = {
        path.relative_to(package.parent).as_posix()
        for path in package.rglob("*")
        if path.suffix in {".py", ".npz", ".csv", ".json", ".md"} or path.name == "py.typed"
    }
    assert {
        "chainrule/py.typed",
        "chainrule/data/mnist10k.npz",
        "chainrule/data/co2.csv",
        "chainrule/data/first-names.csv",
        "chainrule/data/product-reviews.csv",
        "chainrule/data/sunspots.csv",
        "chainrule/data/surnames.csv",
        "chainrule/data/README.md",
    } <= shipped
    assert {name for name in names if ".dist-info/" not in name} == shipped


def test_it_has_the_same_bytes_whenever_it_is_built(wheel, tmp_path):
    assert wheel.name == wheel_name()
    with zipfile.ZipFile(wheel) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}
    again = build(tmp_path, "--no-build-isolation", "--no-index")
    assert again.read_bytes() == wheel.read_bytes()


def test_no_tests_and_no_tools_are_in_it(names):
    top = {name.partition("/")[0] for name in names}
    assert top == {"chainrule", f"chainrule-{chainrule.__version__}.dist-info"}
    assert not any(Path(name).name.startswith(("test_", "conftest")) for name in names)


def test_its_metadata(wheel, names):
    (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
    with zipfile.ZipFile(wheel) as archive:
        fields = Parser().parsestr(archive.read(metadata).decode())
        (entry_points,) = (name for name in names if name.endswith("entry_points.txt"))
        assert "chainrule = chainrule.cli:main" in archive.read(entry_points).decode()
    assert fields["Name"] == "chainrule"
    assert fields["Version"] == chainrule.__version__
    assert fields["License-Expression"] == "BSD-3-Clause"
    assert fields["License-File"] == "LICENSE"
    assert fields["Requires-Python"] == ">=3.11"
    without_extras = [r for r in fields.get_all("Requires-Dist") if "extra ==" not in r]
    assert [r.split("<")[0].split(">")[0] for r in without_extras] == ["numpy"]


def test_it_works_next_to_numpy_alone(wheel, tmp_path):
    target, only_numpy = tmp_path / "target", tmp_path / "numpy alone"
    install = [
        sys.executable,
        *PIP,
        "install",
        "--no-deps",
        "--no-index",
        "--target",
        target,
        wheel,
    ]
    subprocess.run(install, check=True)
    only_numpy.mkdir()
    site = Path(np.__file__).parent.parent
    for name in ("numpy", "numpy.libs"):  # the second holds the linear algebra, where it is bundled
        if (site / name).exists():
            (only_numpy / name).symlink_to(site / name, target_is_directory=True)
    # -I: no environment variables, no current folder; -S: no site-packages.
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", USE, target, only_numpy],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert result.returncode == 0, result.stderr
    first, foreign = result.stdout.splitlines()
    assert first.startswith(f"{target / 'chainrule'}")
    assert first.endswith("8000 1")
    assert f"{only_numpy / 'numpy'}" in first
    assert foreign == "", f"it imported {foreign}"
