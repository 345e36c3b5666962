"""`python -m config.alive worker|beat`: exit code 0 when that part gave a sign of life lately; for container checks."""

import sys

import django

from config import heartbeat


def main() -> int:
    django.setup()
    return 0 if heartbeat.is_alive(sys.argv[1]) else 1


if __name__ == "__main__":
    sys.exit(main())
