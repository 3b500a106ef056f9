"""Before the app servers start: `manage.py prepare`, and who can sign in then.

    python -m deploy.stack.preparing FILE

writes that to FILE. One process does both, since most of its time is spent on starting.
"""

import json
import sys
from pathlib import Path

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command


def main(file: str) -> None:
    try:
        django.setup()
        call_command("prepare")
    except ImproperlyConfigured as error:
        sys.exit(f"NovaShop cannot start: {error}")
    Path(file).write_text(json.dumps(_people()), encoding="utf-8")


def _people() -> dict[str, str]:
    """Return the demo's open accounts with what they are, and under "" their password."""
    # Only once Django is set up.
    from shop.ops import demo_people  # noqa: PLC0415

    people = {person.username: person.what for person in demo_people.open_accounts()}
    return {"": demo_people.PASSWORD, **people} if people else {}


if __name__ == "__main__":
    main(sys.argv[1])
