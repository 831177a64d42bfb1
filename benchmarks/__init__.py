"""How fast the library is, next to its peers: ``python -m benchmarks``."""

import os
import sys

# One thread for everyone: on small arrays more threads only get in each other's way, and the ratio
# would measure the scheduler. The numerical libraries read this once, when they are loaded.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"

if "numpy" in sys.modules:
    raise ImportError("benchmarks: import this before NumPy, so that it can set one thread")
