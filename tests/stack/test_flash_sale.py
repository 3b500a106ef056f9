"""Everybody comes at once for what there is too little of: exactly that is sold."""

from pathlib import Path

import pytest

from deploy.stack.client import Stack
from load.bench.shop import audit
from load.flash_sale import Sale, hold_in_a_row


def hold(sale: Sale, stack: Stack, *, runs: int, folder: Path) -> None:
    told: list[str] = []

    faults = hold_in_a_row(sale, stack, runs=runs, folder=folder, tell=told.append)

    assert (faults, len(told)) == ([], runs)
    assert audit(stack.environment) == "Everything agrees."


def test_exactly_what_is_there_is_sold(stack: Stack, tmp_path: Path) -> None:
    hold(Sale(units=20, buyers=100, at_once=50), stack, runs=1, folder=tmp_path)


@pytest.mark.long
def test_a_thousand_units_are_sold_five_times_in_a_row(stack: Stack, tmp_path: Path) -> None:
    hold(Sale(), stack, runs=5, folder=tmp_path)


@pytest.mark.long
def test_mariadb_sells_what_is_there_five_times_in_a_row(
    mariadb_stack: Stack, tmp_path: Path
) -> None:
    """A fifth of it, for the sake of time: `make flash-sale DB=mysql` is of full size."""
    hold(Sale(units=200, buyers=1_000), mariadb_stack, runs=5, folder=tmp_path)
