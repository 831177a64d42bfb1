"""How the kernels that execute notebooks are reached."""

from __future__ import annotations

import os
import tempfile
import uuid
from typing import Any


def local_sockets() -> Any:
    """The configuration of a notebook client whose kernel listens on files, not on ports.

    A port that was free when it was looked up may be taken by the time the kernel listens on it;
    the kernel then dies before its first cell. The name of a file can be nobody else's. Windows
    has no such sockets, and keeps the ports.
    """
    from traitlets.config import Config

    if os.name == "nt":
        return Config()
    path = os.path.join(tempfile.gettempdir(), f"kernel-{uuid.uuid4().hex}")
    return Config(KernelManager={"transport": "ipc", "ip": path})
