"""The walls around the child that reads strangers' files.

Memory and processor time are limited from the first moment. Once everything needed is imported, the child gives up
root, leaves the network where the system allows that, and lowers its open files to the three it already holds: from
then on it can open neither a file nor a socket, with or without the kernel's permission to leave the network.
"""

from __future__ import annotations

import os
import resource

_NOBODY = 65534
_CLONE_NEWNET = 0x40000000
_CLONE_NEWUSER = 0x10000000


def limit_cost(memory_bytes: int, cpu_seconds: int) -> None:
    """Limit memory and processor time for this process and whatever it starts."""
    _lower(resource.RLIMIT_AS, memory_bytes, memory_bytes)
    # The soft limit says "timeout" by its signal; the hard one a second later cannot be ignored.
    _lower(resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 1)
    _lower(resource.RLIMIT_CORE, 0, 0)


def leave_network() -> bool:
    """Move into a network of one's own with nothing in it; return whether the system allowed it."""
    flags = _CLONE_NEWNET if os.geteuid() == 0 else _CLONE_NEWNET | _CLONE_NEWUSER
    try:
        if hasattr(os, "unshare"):
            os.unshare(flags)
            return True
        import ctypes

        return bool(ctypes.CDLL(None, use_errno=True).unshare(flags) == 0)
    except (OSError, ImportError, AttributeError):
        return False


def give_up_root() -> None:
    """Become nobody when started as root, so that the files of the portal are out of reach."""
    if os.geteuid() != 0:
        return
    try:
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)
    except OSError:
        return


def hand_over(*paths: str) -> None:
    """Give files to nobody, for a child that will have given up root."""
    if os.geteuid() == 0:
        for path in paths:
            os.chown(path, _NOBODY, _NOBODY)


def close_doors() -> None:
    """Forbid opening anything more, writing to any file and starting any process; the answer goes through the pipe already held."""
    _lower(resource.RLIMIT_FSIZE, 0, 0)
    _lower(resource.RLIMIT_NPROC, 0, 0)
    _lower(resource.RLIMIT_NOFILE, 3, 3)


def limit_writing(file_bytes: int) -> None:
    """Limit the size of any file a converter may write."""
    _lower(resource.RLIMIT_FSIZE, file_bytes, file_bytes)
    _lower(resource.RLIMIT_NOFILE, 256, 256)


def _lower(what: int, soft: int, hard: int) -> None:
    _, present = resource.getrlimit(what)
    if present != resource.RLIM_INFINITY:
        soft, hard = min(soft, present), min(hard, present)
    resource.setrlimit(what, (soft, hard))
