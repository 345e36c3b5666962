"""The running service, as `make run` starts it: web, worker and beat on the bench's own data."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from config.children import end_group, start
from config.run import free_port


class Service:
    def __init__(self, address: str, web: subprocess.Popen[bytes], token: str) -> None:
        self.address = address
        self.web = web
        self.token = token

    def get(self, path: str) -> tuple[float, int]:
        """Seconds and bytes of one request, read in blocks and thrown away."""
        request = urllib.request.Request(f"{self.address}{path}", headers={"Authorization": f"Token {self.token}"})
        started = time.perf_counter()
        size = 0
        with urllib.request.urlopen(request, timeout=600) as answer:
            while block := answer.read(1 << 20):
                size += len(block)
        return time.perf_counter() - started, size

    def memory(self) -> int:
        """Bytes that the web server's processes hold."""
        process = psutil.Process(self.web.pid)
        return sum(part.memory_info().rss for part in [process, *process.children(recursive=True)])


@contextmanager
def running(token: str) -> Iterator[Service]:
    port = free_port(8600)
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "--app", "config.celery"]
    web = start(
        [
            *(*python, "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
            *("--workers", "2", "--blocking-threads", "4", "--log-level", "warning", "config.wsgi:application"),
        ],
        os.environ,
        subprocess.DEVNULL,
    )
    worker = start([*celery, "worker", "--concurrency", "2", "--loglevel", "WARNING"], os.environ, subprocess.DEVNULL)
    beat = start([*celery, "beat", "--loglevel", "WARNING"], os.environ, subprocess.DEVNULL)
    children = [web, worker, beat]
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address)
        yield Service(address, web, token)
    finally:
        for child in children:
            end_group(child, signal.SIGTERM)
        for child in children:
            child.wait()


def _wait(address: str) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5):
                return
        except (OSError, urllib.error.HTTPError):
            time.sleep(0.2)
    raise SystemExit("The service did not come up within two minutes.")
