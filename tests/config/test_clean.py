"""What `make clean` leaves behind: nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config.env import PROJECT, SYSTEM_FOLDER, path_digest
from tests.config.embedded_servers import addresses_of, data_folder, environment, leave, start_user

pytestmark = pytest.mark.live


def test_no_cluster_is_left_when_the_folder_it_belongs_to_was_deleted_by_hand(tmp_path: Path) -> None:
    with data_folder(tmp_path / "data" / "bench") as bench:
        for _ in range(2):
            user = start_user(bench, HEADFRAME_ENV="local")
            addresses_of(user)
            leave(user)
            shutil.rmtree(bench)
        clusters = f"{path_digest(bench)}*"
        # Only root's clusters lie elsewhere.
        assert len(list(SYSTEM_FOLDER.glob(clusters))) == (2 if os.getuid() == 0 else 0)

        # -S: without the packages.
        subprocess.run(
            [sys.executable, "-S", "-m", "config.clean"],
            cwd=PROJECT,
            env=environment(tmp_path / "data", HEADFRAME_ENV="local"),
            check=True,
        )
        assert list(SYSTEM_FOLDER.glob(clusters)) == []


def test_the_data_is_kept_when_a_command_uses_it(tmp_path: Path) -> None:
    with data_folder(tmp_path / "data") as data:
        user = start_user(data, HEADFRAME_ENV="local")
        addresses_of(user)
        done = subprocess.run(
            [sys.executable, "-S", "-m", "config.clean"],
            cwd=PROJECT,
            env=environment(data, HEADFRAME_ENV="local"),
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (
            1,
            f"{data} is in use by a command or a test run; wait for it, or stop it, and try again.\n",
        )
        assert (data / "postgres" / "data" / "PG_VERSION").exists()
        leave(user)


def test_what_the_linkage_keeps_on_disk_goes_too(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for folder in (data, data / "test"):
        (folder / "linkage" / "headframe").mkdir(parents=True)
    subprocess.run(
        [sys.executable, "-S", "-m", "config.clean"],
        cwd=PROJECT,
        env=environment(data, HEADFRAME_ENV="local"),
        check=True,
    )
    assert not data.exists()
