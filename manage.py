"""Django's command line; the embedded servers are started for the command that needs them."""

import os
import sys

from django.core.management import execute_from_command_line

from config import embedded, env

# These neither read nor write the database.
SERVERLESS = {"", "help", "version", "check", "collectstatic", "spectacular", "findstatic", "diffsettings"}
SERVERLESS_VERBS = {("estimate", "table")}


def main() -> None:
    arguments = sys.argv[1:]
    command = arguments[0] if arguments else ""
    try:
        known = env.load()
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"config.settings.{known.HEADFRAME_ENV}")
        serverless = command in SERVERLESS or tuple(arguments[:2]) in SERVERLESS_VERBS
        if not serverless and not {"-h", "--help", "--version"} & set(arguments):
            embedded.ensure(known)
    except (env.EnvironmentRefused, embedded.ServerFailed) as reason:
        sys.exit(f"headframe: {reason}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
