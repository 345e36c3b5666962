"""`make bench SIZE=1000000`: makes a synthetic register of that size on data of its own, times it and prints ratios."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from config import embedded, env
from config.clean import delete

FOLDER = "bench"


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--size", type=int, default=1_000_000, help="How many miners (1,000,000).")
    parser.add_argument("--seed", type=int, default=1)
    size, seed = (arguments := parser.parse_args()).size, arguments.seed
    data = env.load().data / FOLDER
    os.environ["HEADFRAME_DATA"] = str(data)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    delete(data)
    try:
        embedded.ensure(env.load())
        _bench(size, seed)
    except embedded.ServerFailed as reason:
        sys.exit(str(reason))
    finally:
        embedded.release()
        delete(data)


def _bench(size: int, seed: int) -> None:
    import django

    django.setup()
    from bench.run import bench

    with tempfile.TemporaryDirectory(prefix="headframe-bench-") as folder:
        bench(Path(folder), size, seed)


if __name__ == "__main__":
    main()
