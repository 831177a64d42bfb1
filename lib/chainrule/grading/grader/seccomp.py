"""The system calls that a worker does without, as a filter that the kernel applies.

The filter makes a worker a single process: ``fork`` and its relatives fail, threads are allowed.
So the limit on the memory of a process bounds the whole sandbox, and nothing can stay behind. Also
refused is what creates memory that no limit of a process counts (shared segments, anonymous files)
and what reaches into the kernel (new namespaces, mounts, tracing, keys, programs of its own).

The filter is a program of classic BPF, as prctl(2) and seccomp(2) describe it; bubblewrap loads it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

# Name → number on x86-64, on AArch64; None where there is no such call.
REFUSED: dict[str, tuple[int | None, int | None]] = {
    "fork": (57, None),
    "vfork": (58, None),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "mount_setattr": (442, 442),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}
CLONE: tuple[int, int] = (56, 220)
CLONE3 = 435
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column above, AUDIT_ARCH_*

EPERM, ENOSYS = 1, 38
ALLOW, KILL, FAIL = 0x7FFF0000, 0x80000000, 0x00050000
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
CLONE_THREAD = 0x00010000
X32 = 0x40000000  # numbers of x86-64's other set of calls start here


def supported(machine: str) -> bool:
    """Whether the numbers of this machine's system calls are known."""
    return machine in MACHINES


def program(machine: str) -> bytes:
    """The filter for ``machine``, which is ``x86_64`` or ``aarch64``."""
    column, architecture = MACHINES[machine]
    return b"".join(struct.pack("<HBBI", *line) for line in _lines(column, architecture))


def _lines(column: int, architecture: int) -> Iterator[tuple[int, int, int, int]]:
    """Instructions: operation, lines to skip if it holds, if it does not, constant."""
    yield LOAD, 0, 0, ARCHITECTURE
    yield EQUAL, 1, 0, architecture
    yield RETURN, 0, 0, KILL
    yield LOAD, 0, 0, NUMBER
    yield AT_LEAST, 0, 1, X32
    yield RETURN, 0, 0, FAIL | EPERM
    for numbers in REFUSED.values():
        number = numbers[column]
        if number is not None:
            yield EQUAL, 0, 1, number
            yield RETURN, 0, 0, FAIL | EPERM
    # The C library makes threads by clone3, whose arguments no filter can see. Told that there is
    # no such call it uses clone, where one bit tells a thread from a process.
    yield EQUAL, 0, 1, CLONE3
    yield RETURN, 0, 0, FAIL | ENOSYS
    yield EQUAL, 0, 3, CLONE[column]
    yield LOAD, 0, 0, FIRST_ARGUMENT
    yield ANY_BIT, 1, 0, CLONE_THREAD
    yield RETURN, 0, 0, FAIL | EPERM
    yield RETURN, 0, 0, ALLOW
