"""What every test has: real servers of the tests' own, no way out to the network, the same examples on every run."""

import ipaddress
import os
import socket
from typing import Any

import hypothesis
import pytest

from config import embedded, env

hypothesis.settings.register_profile(
    "steady", deadline=None, derandomize=True, database=None, max_examples=50, print_blob=True
)
hypothesis.settings.load_profile("steady")


def pytest_configure(config: pytest.Config) -> None:
    # Every worker of xdist joins the same servers; each has a database of its own in them. The first one starts them,
    # the last one stops them.
    os.environ["HEADFRAME_ENV"] = "test"
    embedded.ensure(env.load())


def pytest_unconfigure(config: pytest.Config) -> None:
    embedded.release()


class NetworkBlocked(AssertionError):
    """A test tried to reach another machine."""


def _is_here(address: Any) -> bool:
    if not isinstance(address, tuple):  # a unix socket
        return True
    if address[0] == "localhost":
        return True
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def no_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests talk to this machine only."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if not _is_here(address):
            raise NetworkBlocked(f"A test tried to connect to {address}.")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
