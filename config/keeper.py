"""The process that owns one embedded server: starts it as its child, restarts it, and ends it with its last user.

`python -m config.keeper postgres|valkey`; started by config.embedded, never by hand. It says `ready` or why not on its
standard output, and then works in silence.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from types import FrameType

from config.embedded import SERVERS
from config.env import load
from config.locks import Lock
from config.servers import Server, ServerFailed

LOOK_EVERY = 0.1
PR_SET_PDEATHSIG = 1
CAUGHT = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)


def die_with_parent(number: int) -> None:
    """In a child before exec: the kernel sends it this signal when its parent ends (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


class Keeper:
    def __init__(self, server: Server) -> None:
        self.server = server
        locks = server.data / "run"
        self.users = Lock(locks / f"{server.name}.users")
        self.alive = Lock(locks / f"{server.name}.keeper")
        self.process: subprocess.Popen[bytes] | None = None
        self.told_to_stop = False
        self.reader, writer = os.pipe()
        os.set_blocking(writer, False)
        os.set_blocking(self.reader, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in CAUGHT:
            signal.signal(number, self._signalled)

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        self.told_to_stop |= number != signal.SIGCHLD

    def run(self) -> None:
        self.alive.exclusive()
        self.alive.write(str(os.getpid()))
        try:
            self.server.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.server.prepare()
            self._end_orphan()
            self._start()
            while not self.server.accepts():
                if self._ended():
                    raise ServerFailed(
                        f"{self.server.title} could not start; the last lines of {self.server.log} are:\n"
                        f"{self.server.log_tail()}"
                    )
                if self._unused():
                    return
                self._wait(LOOK_EVERY / 2)
            self.server.finish()
            say("ready")
            self._keep()
        finally:
            self._stop()

    def _keep(self) -> None:
        pause = LOOK_EVERY
        while not self._unused():
            if self._ended():
                time.sleep(pause)
                pause = min(pause * 2, 5)
                self._start()
            self._wait(LOOK_EVERY)

    def _wait(self, seconds: float) -> None:
        select.select([self.reader], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            os.read(self.reader, 512)

    def _unused(self) -> bool:
        """Every user holds the users' lock, shared; whoever gets it exclusively is alone."""
        return self.told_to_stop or self.users.try_exclusive()

    def _ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def _start(self) -> None:
        stop_signal = self.server.stop_signal
        with self.server.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.server.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.server.home,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(stop_signal),  # no threads here
                **self.server.user(),
            )

    def _end_orphan(self) -> None:
        if orphan := self.server.orphan():
            orphan.send_signal(self.server.stop_signal)
            orphan.wait()

    def _stop(self) -> None:
        if self.process and not self._ended():
            self.process.send_signal(self.server.stop_signal)
            self.process.wait()


def say(line: str) -> None:
    # Whoever started the keeper may be gone by now.
    with contextlib.suppress(BrokenPipeError):
        os.write(1, line.encode() + b"\n")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def main() -> None:
    # The keeper outlives whoever starts it; as nobody's child it is reaped whenever it ends.
    if os.fork():
        os._exit(0)
    try:
        Keeper(SERVERS[sys.argv[1]](load())).run()
    except (ServerFailed, OSError) as reason:
        say(f"failed {reason}")
        sys.exit(1)


if __name__ == "__main__":
    main()
