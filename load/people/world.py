"""What all people of a run share: the catalogue, the journal, and names that nobody else has."""

import itertools
import secrets
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from load.catalogue import Catalogue
from load.journal import Journal

# Known to nobody but this run, and good enough for the shop.
PASSWORD = "seven-herrings-" + secrets.token_hex(4)
_RUN = secrets.token_hex(4)
_COUNT = itertools.count(1)


@dataclass
class Account:
    """An account that was opened in this run, and what its cart holds: units by variant."""

    username: str
    email: str
    cart: dict[int, int] = field(default_factory=dict)


@dataclass
class World:
    """One for each process of Locust."""

    catalogue: Catalogue
    journal: Journal
    # Whose owner is away, the longest first: one account is never in two hands.
    accounts: deque[Account] = field(default_factory=deque)


def new_account() -> Account:
    username = new_name()
    return Account(username=username, email=f"{username}@example.com")


def new_name() -> str:
    return f"load-{_RUN}-{next(_COUNT)}"


# The record is filled when a test starts, before anybody is spawned.
_worlds: list[World] = []


def begin(catalogue: Catalogue, journal: Path) -> None:
    """Make the world anew."""
    world = World(catalogue=catalogue, journal=Journal(journal))
    variants = [variant.id for variant in catalogue.flash.variants]
    world.journal.begin(flash_variants=variants, flash_stock=catalogue.flash.stock)
    _worlds[:] = [world]


def current() -> World:
    return _worlds[0]
