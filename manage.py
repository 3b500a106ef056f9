#!/usr/bin/env python
"""The one command line of NovaShop: `manage.py help` lists its words."""

import gc
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "novashop.settings")
    if sys.argv[1:2] == ["runserver"]:
        # `runserver` is the developer's server: it comes with the toolbar and the debug log.
        os.environ.setdefault("DEBUG", "on")
    # What is imported stays: to look for garbage in it takes an eighth of the start. OpsConfig lets
    # it begin.
    gc.disable()

    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import Error as DatabaseError

    try:
        execute_from_command_line(sys.argv)
    except DatabaseError as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"The database cannot be used: {error} (--traceback tells more)")
    except ImproperlyConfigured as error:
        sys.exit(f"NovaShop cannot start: {error}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        # What a shell says of a command that Ctrl-C has ended.
        sys.exit(130)
