#!/usr/bin/env python3
"""Django's commands. On a machine without a database they bring their own, or use that of ./script/server."""

import os
import sys


def main() -> int:
    """Run one command; returns 1, with one sentence, when it cannot be run here."""
    try:
        from django.core.management import execute_from_command_line  # noqa: PLC0415  may be missing

        from echo_portal.embedded.errors import EmbeddedError  # noqa: PLC0415
        from echo_portal.embedded.run import enter_shared_services  # noqa: PLC0415
    except ImportError as error:
        sys.stderr.write(
            f"{error.name or error} is not installed for this Python: run ./script/server once, "
            "then use ./script/manage instead of manage.py.\n"
        )
        return 1
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "echo_portal.settings")
    try:
        with enter_shared_services():
            execute_from_command_line(sys.argv)
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
