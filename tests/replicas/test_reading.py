"""What is read from a replica and for whom, decided request by request; no server is needed."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from novashop.databases import READ_FROM_REPLICAS
from shop.accounts.models import User
from shop.cart.models import Cart
from shop.catalog.models import Product
from shop.events.models import Event
from shop.lib.models import Beat
from shop.lib.refusals import Busy
from shop.lib.replicas import beating, judging, reading, visits, watch
from shop.lib.replicas.judging import Verdict
from shop.lib.replicas.reading import may_lag
from shop.lib.replicas.replica import Replica
from shop.lib.replicas.routing import ReplicaRouter
from shop.lib.replicas.visits import ReplicaMiddleware, Visit
from shop.orders.models import Order

pytestmark = pytest.mark.once

MIDDLEWARE = "shop.lib.replicas.visits.ReplicaMiddleware"


class Fake(Replica):
    """A replica that is well, and which nobody has to reach."""

    failed = False

    def __init__(self) -> None:
        super().__init__("replica-1")
        self.suspected: list[Exception] = []

    @contextmanager
    def in_use(self) -> Iterator[None]:
        yield

    def has_failed(self) -> bool:
        return self.failed

    def suspect(self, error: Exception) -> None:
        self.suspected.append(error)


@pytest.fixture
def replica(monkeypatch: pytest.MonkeyPatch) -> Fake:
    fake = Fake()
    monkeypatch.setattr(watch, "pick", lambda: fake)
    return fake


@contextmanager
def visiting(visit: Visit) -> Iterator[Visit]:
    token = visits._visit.set(visit)
    try:
        yield visit
    finally:
        visits._visit.reset(token)


def failure(words: str, *, sqlstate: str | None) -> OperationalError:
    """What Django makes of what psycopg raises."""
    error = OperationalError(words)
    error.__cause__ = psycopg.OperationalError()
    error.__cause__.sqlstate = sqlstate
    return error


class View:
    """Notes where it was read, and fails as often as it is told to."""

    def __init__(self, *failures: Exception) -> None:
        self.read_from: list[str] = []
        self._failures = list(failures)

    def __call__(self) -> str:
        self.read_from.append(ReplicaRouter().db_for_read(Product))
        if self._failures:
            raise self._failures.pop(0)
        return "answer"


# --- Which tables ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (Product, "replica-1"),
        (Order, "replica-1"),
        # Whoever was signed out is out, whoever lost a right has lost it, and a cart is as it is.
        (Session, "default"),
        (User, "default"),
        (Group, "default"),
        (Cart, "default"),
        (Event, "default"),
    ],
)
def test_what_counts_at_once_is_read_from_the_primary(model: Any, expected: str) -> None:
    with visiting(Visit(is_patient=True)) as visit, visit.reading_from("replica-1"):
        assert ReplicaRouter().db_for_read(model) == expected
        assert ReplicaRouter().db_for_write(model) == "default"
        visit.has_written = True
        assert ReplicaRouter().db_for_read(model) == "default"
    assert ReplicaRouter().db_for_read(model) == "default"


def test_nothing_of_people_is_in_the_list() -> None:
    people = {"accounts", "auth", "sessions", "cart", "checkout", "events"}
    assert not people & {*READ_FROM_REPLICAS}


@pytest.mark.django_db
def test_inside_a_transaction_everything_is_read_from_the_primary() -> None:
    patient = Visit(is_patient=True)
    with visiting(patient), patient.reading_from("replica-1"), transaction.atomic():
        assert ReplicaRouter().db_for_read(Product) == "default"


def test_tables_are_made_in_the_primary_alone() -> None:
    assert ReplicaRouter().allow_migrate("replica-1", "catalog") is False
    assert ReplicaRouter().allow_migrate("default", "catalog") is None


# --- Which requests -------------------------------------------------------------------------------


def patience(method: str = "GET", **headers: str) -> bool:
    seen: list[bool] = []

    def answer(_request: HttpRequest) -> HttpResponse:
        visit = visits.current()
        assert visit is not None
        seen.append(visit.is_patient)
        return HttpResponse()

    ReplicaMiddleware(answer)(RequestFactory().generic(method, "/", headers=headers))
    assert visits.current() is None
    return seen == [True]


def test_who_only_looks_may_be_shown_what_is_a_little_old() -> None:
    assert patience()
    assert patience("HEAD")
    assert patience(cookie="theme=dark")
    assert not patience("POST")
    assert not patience("DELETE")
    # Programs that sign in are told what is so now.
    assert not patience(authorization="Bearer x.y.z")
    # And so is who has written.
    assert not patience(cookie=f"theme=dark; {visits.COOKIE}=1")


def test_a_view_that_may_lag_is_read_from_a_replica(replica: Fake) -> None:
    view = View()
    with visiting(Visit(is_patient=True)):
        assert may_lag(view)() == "answer"
    with visiting(Visit(is_patient=False)):
        may_lag(view)()
    # A command, a handler, or a shop without replicas.
    may_lag(view)()
    assert view.read_from == ["replica-1", "default", "default"]


def test_a_view_is_read_from_the_primary_while_no_replica_is_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watch, "pick", lambda: None)
    view = View()
    with visiting(Visit(is_patient=True)):
        may_lag(view)()
    assert view.read_from == ["default"]


# --- A replica that fails in the middle -----------------------------------------------------------


def test_what_fails_on_a_replica_is_asked_again_of_the_primary(replica: Fake) -> None:
    away = failure("server closed the connection", sqlstate=None)
    view, replica.failed = View(away), True

    with visiting(Visit(is_patient=True)):
        assert may_lag(view)() == "answer"

    assert view.read_from == ["replica-1", "default"]
    assert replica.suspected == [away]


def test_a_replica_that_gives_way_to_what_it_replays_is_no_worse_for_it(replica: Fake) -> None:
    conflict = failure("canceling statement due to conflict with recovery", sqlstate="40001")
    view, replica.failed = View(conflict), True

    with visiting(Visit(is_patient=True)):
        assert may_lag(view)() == "answer"

    assert view.read_from == ["replica-1", "default"]
    assert replica.suspected == []


def test_what_a_replica_does_not_know_is_for_the_primary_to_refuse(replica: Fake) -> None:
    view = View(Busy())
    with visiting(Visit(is_patient=True)):
        assert may_lag(view)() == "answer"
    assert view.read_from == ["replica-1", "default"]

    with visiting(Visit(is_patient=True)), pytest.raises(Busy):
        may_lag(View(Busy(), Busy()))()


def test_a_primary_that_fails_is_not_asked_twice(replica: Fake) -> None:
    view = View(OperationalError("server closed the connection"))
    with visiting(Visit(is_patient=True)), pytest.raises(OperationalError):
        may_lag(view)()
    assert view.read_from == ["replica-1"]


def test_what_has_written_is_not_done_twice(replica: Fake) -> None:
    replica.failed = True

    def writing() -> None:
        visits.note_write()
        raise OperationalError("server closed the connection")

    with visiting(Visit(is_patient=True)), pytest.raises(OperationalError):
        may_lag(writing)()


def test_a_page_that_is_rendered_later_is_rendered_in_time(replica: Fake) -> None:
    """The back office's lists ask the database while they are rendered."""
    from django.template.response import TemplateResponse

    class Page(TemplateResponse):
        read_from = ""

        @property
        def rendered_content(self) -> str:
            self.read_from = ReplicaRouter().db_for_read(Product)
            return "a page"

    with visiting(Visit(is_patient=True)):
        page = may_lag(lambda: Page(RequestFactory().get("/"), "no.html"))()
    assert (page.content, page.read_from) == (b"a page", "replica-1")


# --- The watch ------------------------------------------------------------------------------------


def test_replicas_are_read_in_turn_as_long_as_they_are_well() -> None:
    found = watch.Watch(["a", "b"], ask=lambda _: (True, 0), ask_primary=lambda: 0)
    found._has_begun = True
    one, other = found.replicas
    assert found.pick() is None

    for replica in (one, other):
        replica.settle(Verdict(good_until=float("inf")))
    assert {found.pick(), found.pick()} == {one, other}
    other.settle(Verdict(trouble=judging.LAGS))
    assert [found.pick() for _ in range(4)] == [one] * 4
    # A verdict that nobody renews runs out.
    one.settle(Verdict(good_until=0.1))
    assert found.pick() is None


def test_the_log_says_once_what_is_in_the_way(caplog: pytest.LogCaptureFixture) -> None:
    replica = Replica("replica-9")
    well, lagging = Verdict(good_until=1.0), Verdict(trouble=judging.LAGS, details="by 7 s at most")
    with caplog.at_level(logging.INFO, logger="shop.lib.replicas"):
        for verdict in (Verdict(), well, well, lagging, lagging, Verdict(), well, well):
            replica.settle(verdict)
    assert caplog.messages == [
        "replica-9 is read from now on",
        "Nothing is read from replica-9: it lags (by 7 s at most)",
        "replica-9 is read again",
    ]


@pytest.mark.django_db
def test_the_beat_rises_by_one_from_the_first_time_on() -> None:
    assert watch.ask_primary() == 0
    for expected in (1, 2, 3):
        beating.beat()
        assert watch.ask_primary() == expected
    assert Beat.objects.count() == 1


def test_nobody_beats_where_there_are_no_replicas(settings: Any) -> None:
    assert settings.REPLICAS == []
    # It would need a database, which this test has not.
    with beating.beating():
        pass


# --- Off, as it is by default ---------------------------------------------------------------------


@pytest.mark.django_db
def test_without_replicas_nothing_of_it_is_there(
    settings: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "watch", None)

    assert settings.DATABASE_ROUTERS == []
    assert list(settings.DATABASES) == ["default"]
    assert MIDDLEWARE not in settings.MIDDLEWARE
    assert client.get("/products/").status_code == 200
    assert not client.post("/api/carts/").cookies
