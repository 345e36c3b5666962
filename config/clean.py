"""`make clean`: stops the service and deletes its data. Plain Python, so that it works without the packages."""

import os
import shutil
import signal
import sys
from pathlib import Path

from config.env import PREFIX, SYSTEM_FOLDER, EnvironmentRefused, load, path_digest
from config.locks import Lock, is_held

OURS = ("demo_password", "linkage", "log", "media", "postgres", "run", "secret_key", "valkey")


def stop_service(data: Path) -> None:
    lock_file = data / "run" / "service"
    if not lock_file.exists():
        return
    lock = Lock(lock_file)
    if not lock.try_exclusive():
        os.kill(int(lock.read().split()[0]), signal.SIGTERM)
        lock.exclusive()
    lock.close()


def delete(data: Path) -> None:
    """Deletes one data folder, and what it keeps elsewhere because it was made by root."""
    for keeper in (data / "run").glob("*.keeper"):
        if is_held(keeper):
            sys.exit(f"{data} is in use by a command or a test run; wait for it, or stop it, and try again.")
    link = data / "postgres"
    if link.is_symlink() and link.readlink().parent == SYSTEM_FOLDER:
        shutil.rmtree(link.readlink(), ignore_errors=True)
        link.unlink()
    # The link is gone when somebody deleted the folder by hand.
    own = path_digest(data)
    for cluster in (SYSTEM_FOLDER / own, *SYSTEM_FOLDER.glob(f"{own}.old-*")):
        shutil.rmtree(cluster, ignore_errors=True)
    # By name: the folder may be one that holds other things too.
    for name in OURS:
        path = data / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    if data.is_dir() and not any(data.iterdir()):
        data.rmdir()


def main() -> None:
    try:
        env = load()
    except EnvironmentRefused as reason:
        sys.exit(f"headframe: {reason} ({PREFIX}DATA says which folder is to be deleted.)")
    folders = [env.HEADFRAME_DATA / "test", env.HEADFRAME_DATA / "bench", env.HEADFRAME_DATA]
    for data in folders:
        stop_service(data)
    for data in folders:
        delete(data)
    # The programs go with the last data that needs them.
    if SYSTEM_FOLDER.is_dir() and all(path.name.lstrip(".").startswith("pg-") for path in SYSTEM_FOLDER.iterdir()):
        shutil.rmtree(SYSTEM_FOLDER, ignore_errors=True)


if __name__ == "__main__":
    main()
