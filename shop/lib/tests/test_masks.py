"""What is somebody's own does not get into the log, whoever says it."""

import time

import pytest
from django.core.exceptions import SuspiciousFileOperation, ValidationError
from django.core.signing import dumps
from django.db import IntegrityError

from shop.lib.masks import in_one_line, masked, masked_error, masked_quotes, masked_traceback

pytestmark = pytest.mark.once

UUID = "0b4d6f0e-3a1c-4c1e-9d0a-5b1f1f7f9a11"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a letter to alice.able+x@mail.example.com failed", "a letter to <e-mail> failed"),
        ("to=<alice@example.com>", "to=<<e-mail>>"),
        (f"order from cart:{UUID} failed", "order from cart:<id> failed"),
        (UUID.replace("-", ""), "<id>"),
        ("session 9x2k4m6p8r0t2v4x6z8b0d2f4h6j8l0n is gone", "session <key> is gone"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl is no token", "<key> is no token"),
        ("reset c7k2ab-0123456789abcdef0123456789abcdef", "reset <key>"),
        ("from 203.0.113.9, port 1", "from <address>, port 1"),
        ("from 2001:db8:0:1::9", "from <address>"),
        # What a merchant needs stays.
        ("shop.orders.tasks.expire_unpaid_orders failed", None),
        ("The relay waits for the database: server closed", None),
        ("12 rows in 10:31:07 of version 5.2.19", None),
    ],
)
def test_what_is_somebodys_own_is_masked(text: str, left: str | None) -> None:
    assert masked(text) == (text if left is None else left)


def test_whatever_the_shop_signs_is_masked() -> None:
    for thing in ({"cart": UUID}, "12", ["a"] * 20):
        assert masked(f"ticket {dumps(thing)}!").startswith("ticket <key>") or ":" in dumps(thing)
        assert dumps(thing).rpartition(":")[2] not in masked(f"ticket {dumps(thing)}!")


def test_a_message_is_one_line_that_can_be_read() -> None:
    assert in_one_line("café ✓") == "café ✓"
    assert in_one_line("a\nERROR forged\r\t\x1b[2J\u2028\x9b") == (
        r"a\nERROR forged\r\t\x1b[2J\u2028\x9b"
    )


def test_what_is_quoted_was_typed_but_for_names_of_columns() -> None:
    assert masked_quotes("no town 'Leeds' or \"York\" or “Hull”") == "no town … or … or …"
    assert masked_quotes("the column 'name' of table \"users\"") == (
        "the column 'name' of table \"users\""
    )


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            IntegrityError(
                'duplicate key value violates unique constraint "user_email_once"\n'
                "DETAIL:  Key (name)=(Alice Able) already exists."
            ),
            'IntegrityError: duplicate key value violates unique constraint "user_email_once"',
        ),
        (
            IntegrityError(1062, "Duplicate entry 'Alice Able' for key 'user_once'"),
            "IntegrityError: (1062, …)",
        ),
        (
            ValueError("invalid literal for int(): 'Alice'"),
            "ValueError: invalid literal for int(): …",
        ),
        (ValidationError("“Alice” is not a valid UUID."), "ValidationError: […]"),
        (SuspiciousFileOperation("/srv/Alice Able is outside"), "SuspiciousFileOperation"),
        (KeyError("Alice"), "KeyError: …"),
        (RuntimeError(), "RuntimeError"),
    ],
)
def test_an_exception_says_what_it_is_and_not_about_whom(error: Exception, said: str) -> None:
    assert masked_error(error) == said


def test_a_traceback_has_the_places_of_all_errors_and_the_words_of_none() -> None:
    text = ""
    try:
        try:
            int("Alice Able")
        except ValueError as error:
            raise RuntimeError("cannot read 'Alice Able'") from error
    except RuntimeError as error:
        text = masked_traceback(error)

    first, second = text.split("\nand then\n")
    assert first.startswith("Traceback (most recent call last):\n")
    assert __file__ in first
    assert first.endswith("ValueError: invalid literal for int() with base 10: …")
    assert second.endswith("RuntimeError: cannot read …")


def test_errors_that_go_in_a_circle_come_to_an_end() -> None:
    first, second = ValueError("1"), ValueError("2")
    first.__context__, second.__context__ = second, first

    assert masked_traceback(first).count("Traceback") == 2


@pytest.mark.parametrize("text", ["a" * 1_000_000, "a@" * 500_000, "1-" * 500_000, "a:" * 500_000])
def test_a_message_of_any_size_takes_no_time(text: str) -> None:
    # Of this thread's work: others on the machine do not count.
    started = time.thread_time()

    assert len(masked(text)) <= 4_002
    assert time.thread_time() - started < 1
