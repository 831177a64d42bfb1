"""The memory of freed arrays is kept, where the C library can be told so."""

import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource
import numpy as np
{imports}

def step():
    a = np.ones(1 << 20)  # 8 MiB
    b = np.ones(1 << 20)  # and so the end of the heap is freed, too

step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(imports):
    code = FAULTS.format(imports=imports)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(run.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc adapts its threshold")
def test_large_arrays_are_not_given_back_between_steps():
    # A page for every array at the most, where each array has 2048 pages of 4 KiB.
    assert faults("import chainrule.functional") < 20
