"""Django's command line; the embedded servers are started for the command that needs them."""

import importlib
import os
import sys

from django.core.management import execute_from_command_line

from config import embedded, env

# These neither read nor write the database.
SERVERLESS = {"", "help", "version", "check", "collectstatic", "spectacular", "findstatic", "diffsettings"}
# These need no application either: the module whose command runs them, so that they start in a second.
ALONE: dict[tuple[str, ...], str] = {("estimate", "table"): "compliance.management.estimates.alone"}


def main() -> None:
    arguments = sys.argv[1:]
    command = arguments[0] if arguments else ""
    alone = ALONE.get(tuple(arguments[:2]))
    if alone is not None:
        importlib.import_module(alone).Command().run_from_argv(sys.argv)
        return
    try:
        known = env.load()
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"config.settings.{known.HEADFRAME_ENV}")
        if command not in SERVERLESS and not {"-h", "--help", "--version"} & set(arguments):
            embedded.ensure(known)
    except (env.EnvironmentRefused, embedded.ServerFailed) as reason:
        sys.exit(f"headframe: {reason}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
