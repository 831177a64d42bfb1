"""Memory that is freed in one step of training and needed again in the next."""

from __future__ import annotations

import numpy as np

LARGEST_THRESHOLD = 32 << 20  # bytes; DEFAULT_MMAP_THRESHOLD_MAX of glibc on 64-bit systems


def keep_freed_memory() -> None:
    """Make the C library of Linux keep the memory of freed arrays for the next ones.

    That library, glibc, asks the operating system for each large array anew and gives it back when
    the array is freed. Such memory comes as empty pages, with an interruption for every 4 KiB that
    is touched for the first time, in every step of training: a small convolutional network spends
    nearly half of its time on it. From what size on an array is large adapts to the program:
    freeing a larger one raises the limit to its size, up to 32 MiB. So one array of nearly that
    size, which is never touched and hence takes no memory, says that large arrays come and go.

    Up to 64 MiB of freed memory then stay with the process. Other C libraries have their own ways,
    and there this does nothing.

    Notes
    -----
    ``man 3 mallopt``, at M_MMAP_THRESHOLD. Called when :mod:`chainrule.functional` is imported.

    Examples
    --------
    >>> from chainrule.functional.allocation import keep_freed_memory
    >>> keep_freed_memory()
    """
    np.empty(LARGEST_THRESHOLD - (1 << 20), np.uint8)
