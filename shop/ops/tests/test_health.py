"""What load balancers ask: is the process alive, and can it serve."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client


def away(*_: Any, **__: Any) -> Any:
    raise OperationalError("gone")


@pytest.mark.once
def test_a_process_is_alive_whatever_is_away(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_it_is_ready_when_the_database_answers(client: Client) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "cache": "ok"}


@pytest.mark.django_db
def test_without_the_database_it_is_not(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shop.ops.health.connection.cursor", away)
    monkeypatch.setattr("shop.ops.health.connection.close", lambda: None)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "database": "unavailable", "cache": "ok"}


@pytest.mark.django_db
def test_without_its_cache_it_goes_on(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shop.ops.health.cache_answers", lambda: False)

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "cache": "unavailable"}
