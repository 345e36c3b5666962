"""Locks between processes: the kernel frees them when their holder ends, however it ends."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


class Lock:
    """One lock file, opened by this process."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = path
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def shared(self) -> None:
        fcntl.flock(self.fd, fcntl.LOCK_SH)

    def exclusive(self) -> None:
        fcntl.flock(self.fd, fcntl.LOCK_EX)

    def try_shared(self) -> bool:
        return self._try(fcntl.LOCK_SH)

    def try_exclusive(self) -> bool:
        return self._try(fcntl.LOCK_EX)

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self.fd, kind | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            return False

    def free(self) -> None:
        fcntl.flock(self.fd, fcntl.LOCK_UN)

    def close(self) -> None:
        os.close(self.fd)

    def write(self, text: str) -> None:
        """What the holder leaves for those who find the lock taken."""
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, text.encode(), 0)

    def read(self) -> str:
        return os.pread(self.fd, 4096, 0).decode()


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    lock = Lock(path)
    try:
        lock.exclusive()
        yield
    finally:
        lock.close()


def is_held(path: Path) -> bool:
    """Whether some process holds the lock exclusively."""
    lock = Lock(path)
    try:
        return not lock.try_shared()
    finally:
        lock.close()
