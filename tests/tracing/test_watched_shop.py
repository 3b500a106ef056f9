"""Real processes, watched by a collector and a Sentry: one id, and nothing that is anybody's."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.stack.settings import ROOT
from tests.stack.shops import Shop
from tests.stack.visiting import Visitor
from tests.tracing.receivers import Collector, Sentry, Told

pytestmark = pytest.mark.once

SERVER, CLIENT, CONSUMER = 2, 3, 5
ERROR = 2
VISITOR = "203.0.113.77"
EMAIL = "quincy.quill@mail.example.com"

MAKE = """
import django
django.setup()
from django.contrib.auth import get_user_model
from django.core.management import call_command
call_command("migrate", "-v0")
get_user_model().objects.create_superuser("owner", "owner@example.com", "tern-and-tide")
from tests import builders
builders.put_on_sale("mug")
builders.put_on_sale("plate")
"""

REFUSE = f"""
CREATE TRIGGER refuse BEFORE INSERT ON cart_cart BEGIN
  SELECT RAISE(ABORT, 'no cart for {EMAIL} by constraint "some_check"
DETAIL:  Failing row contains (1, 17 Sassafras Steps).');
END
"""


# News of nothing, from a request that was answered before; no other news of that subject go first.
NEWS = """
INSERT INTO events_event
  (name, subject, payload, request_id, created_at, due_at, failures, last_error)
VALUES
  ('product.visibility_changed', 'product:4711', '{{"variant_ids": []}}', '{request_id}',
   '2020-01-01', '2020-01-01', 0, '')
"""


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    collector = Collector()
    with collector.listening():
        yield collector


@pytest.fixture(scope="module")
def sentry() -> Iterator[Sentry]:
    sentry = Sentry()
    with sentry.listening():
        yield sentry


@pytest.fixture(scope="module")
def shop(
    tmp_path_factory: pytest.TempPathFactory, collector: Collector, sentry: Sentry
) -> Iterator[Shop]:
    watched = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        "SENTRY_DSN": sentry.dsn,
        "SENTRY_ENVIRONMENT": "trial",
    }
    with (
        small(tmp_path_factory.mktemp("shop"), **watched) as (shop, _),
        shop.running("relay", "relay"),
    ):
        yield shop


@pytest.fixture
def visitor(shop: Shop) -> Visitor:
    return shop.visitor(VISITOR, **{"User-Agent": "Quincy's own browser"})


@contextmanager
def small(folder: Path, **settings: str) -> "Iterator[tuple[Shop, subprocess.Popen[str]]]":
    """Open an app server with one product and its owner."""
    shop = Shop(folder, THROTTLE="off", **settings)
    subprocess.run(
        [sys.executable, "-c", MAKE],
        env={**shop.environment, "DJANGO_SETTINGS_MODULE": "novashop.settings"},
        check=True,
        cwd=ROOT,
    )
    with shop.running("app", "serve", "--port", str(shop.port)) as process:
        shop.wait_until_open()
        yield shop, process


def trace(collector: Collector, request_id: str) -> tuple[Told, list[Told]]:
    """Return the span of a request, and its parts, once it has come."""
    (root,) = collector.wait_for(lambda span: (span.trace, span.kind) == (request_id, SERVER))
    # Parts end before the whole, and so come with it or before.
    found = [span for span in collector.spans() if span.trace == request_id]
    return root, [span for span in found if span.kind == CLIENT]


# --- Traces ---------------------------------------------------------------------------------------


def test_the_trace_of_a_page_has_the_id_of_its_request(
    collector: Collector, visitor: Visitor, shop: Shop
) -> None:
    answer = visitor.get("/products/?q=sassafras")
    request, parts = trace(collector, answer.request_id)

    assert (request.name, request.parent, request.status) == ("GET /products/", "", 0)
    assert request.facts == {
        "novashop.request_id": answer.request_id,
        "http.request.method": "GET",
        "http.route": "/products/",
        "http.response.status_code": 200,
    }
    assert request.process["service.name"] == "novashop"
    assert request.process["service.instance.id"] == "app"
    assert request.process["service.version"]
    assert {part.parent for part in parts} == {request.id}
    queries = [part for part in parts if part.facts["db.system.name"] == "sqlite"]
    assert "SELECT catalog_product" in {query.name for query in queries}
    assert all("SELECT" in query.facts["db.query.text"] for query in queries)
    # The log says the same id.
    shop.wait_for(message="request", request_id=answer.request_id)


def test_a_handler_is_in_the_trace_of_the_request_that_told_the_news(
    collector: Collector, visitor: Visitor
) -> None:
    login = {"username": "owner", "password": "tern-and-tide"}
    bearer = {"Authorization": f"Bearer {visitor.send('/api/login/', login).json['access']}"}
    product = visitor.get("/api/products/").json["results"][-1]["id"]
    variant = visitor.get(f"/api/products/{product}/").json["variants"][0]["id"]
    path = f"/api/products/{product}/variants/{variant}/"
    request_id = "5" * 31 + "a"

    visitor.send(
        path, {"is_published": False}, method="PATCH", **bearer, **{"X-Request-ID": request_id}
    )
    name = "shop.inventory.tasks.refresh_in_stock"
    (handler,) = collector.wait_for(lambda span: span.trace == request_id and span.name == name)
    request, parts = trace(collector, request_id)

    assert handler.kind == CONSUMER
    assert handler.facts["novashop.event"] == "product.visibility_changed"
    assert (handler.process["service.instance.id"], handler.process["novashop.lane"]) == (
        "relay",
        "relay",
    )
    assert request.process["service.instance.id"] == "app"
    assert "COMMIT" in {part.name for part in parts if part.parent == request.id}
    done = {part.name for part in parts if part.parent == handler.id}
    assert {"INSERT events_receipt", "COMMIT"} <= done


def test_spans_say_nothing_of_anybody(collector: Collector, visitor: Visitor) -> None:
    secrets = {EMAIL, VISITOR, "sassafras", "Quincy", "tern-and-tide", "plums and pewter 31"}
    names = {"first_name": "Quincy", "last_name": "Quillfeather", "username": "quincy.quill"}
    visitor.form("/accounts/signup/", password="plums and pewter 31", email=EMAIL, **names)
    visitor.get("/search/?q=sassafras")
    visitor.get("/accounts/password/reset/MQ/c1-secretsecret/")
    last = visitor.get(f"/nowhere/{EMAIL}/")
    trace(collector, last.request_id)

    said = "".join(str(span) for span in collector.spans())
    assert "INSERT accounts_user" in said
    assert not [one for one in (secrets | visitor.secrets | {"secretsecret"}) if one in said]
    assert "GET /accounts/password/reset/<str:uidb64>/<str:token>/" in said


def test_who_watches_the_processes_leaves_no_traces(collector: Collector, visitor: Visitor) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        visitor.get(path)
    trace(collector, visitor.get("/products/").request_id)

    routes = {span.facts.get("http.route") for span in collector.spans()}
    assert "/products/" in routes
    assert not routes & {"/healthz", "/readyz", "/metrics"}


# --- Faults ---------------------------------------------------------------------------------------


@pytest.fixture
def refusing(shop: Shop) -> Iterator[None]:
    """Let the database refuse all carts, as one does that has broken, and quote who wanted one."""
    shop.execute(REFUSE)
    yield
    shop.execute("DROP TRIGGER refuse")


@pytest.mark.usefixtures("refusing")
def test_a_fault_is_told_once_with_the_id_that_its_visitor_quotes(
    sentry: Sentry, collector: Collector, visitor: Visitor
) -> None:
    product = re.findall(r'href="/products/(\d+)/"', visitor.get("/products/?in_stock=1").text)[0]
    page = visitor.form(f"/cart/add/{product}/", quantity="1")
    problem = visitor.send("/api/carts/", {"email": EMAIL})

    for answer, route in ((page, "/cart/add/<int:product_id>/"), (problem, "/api/carts/")):
        assert answer.status == 500
        event = sentry.wait_for(request_id=answer.request_id, process="app")
        error = event["exception"]["values"][-1]
        assert (event["transaction"], event["level"]) == (route, "error")
        assert (event["environment"], event["platform"]) == ("trial", "python")
        assert (error["type"], error["value"]) == (
            "IntegrityError",
            'no cart for <e-mail> by constraint "some_check"',
        )
        assert error["stacktrace"]["frames"][-1]["filename"].endswith("base.py")
        assert trace(collector, answer.request_id)[0].status == ERROR
    ids = [event["tags"]["request_id"] for event in sentry.events()]
    assert sorted(ids) == sorted({page.request_id, problem.request_id})
    said = str(sentry.events())
    for secret in (EMAIL, VISITOR, "Quincy", "Sassafras", "quantity=1", *visitor.secrets):
        assert secret not in said
    assert not [event for event in sentry.events() if "request" in event or "user" in event]
    assert "'vars'" not in said


def test_a_handler_that_fails_is_told_under_the_id_of_the_request(
    shop: Shop, sentry: Sentry, collector: Collector
) -> None:
    request_id = "5" * 31 + "b"
    shop.execute(REFUSE.replace("cart_cart", "events_receipt"))
    try:
        shop.execute(NEWS.format(request_id=request_id))
        event = sentry.wait_for(request_id=request_id, process="relay")
    finally:
        shop.execute("DROP TRIGGER refuse")

    assert event["tags"]["event"].endswith(" product.visibility_changed")
    assert event["logger"] == "shop.events.actions.handling"
    assert EMAIL not in str(event)
    (span, *_) = collector.wait_for(lambda span: span.trace == request_id and not span.parent)
    assert (span.name, span.status) == ("shop.inventory.tasks.refresh_in_stock", ERROR)


def test_what_is_no_fault_of_ours_is_told_to_nobody(sentry: Sentry, visitor: Visitor) -> None:
    before = _told_by_app(sentry)

    statuses = [
        visitor.get("/nowhere/").status,
        visitor.get("/", Host="smuggled.example").status,
        visitor.post("/accounts/", email=EMAIL).status,
        visitor.send("/api/login/", {"username": "maya", "password": "wrong"}).status,
        visitor.send("/api/carts/00000000-0000-0000-0000-000000000000/lines/", {}).status,
    ]

    assert all(400 <= status < 500 for status in statuses), statuses
    time.sleep(0.5)
    assert _told_by_app(sentry) == before


def _told_by_app(sentry: Sentry) -> int:
    """Count what those who answer have told; the relay tries again meanwhile what failed before."""
    return sum(event["tags"]["process"] == "app" for event in sentry.events())


# --- A collector that is away, or slow ------------------------------------------------------------


@pytest.mark.long
def test_a_collector_that_is_away_or_slow_costs_visitors_nothing(tmp_path: Path) -> None:
    """Last of all: the shop is closed, too, while its collector stands still."""
    collector = Collector()
    settings = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_EXPORTER_OTLP_TIMEOUT": "1",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        "OTEL_BSP_MAX_QUEUE_SIZE": "50",
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "25",
    }
    with small(tmp_path, **settings) as (shop, process):
        visitor = shop.visitor(VISITOR)

        collector.status = 503
        with collector.listening():
            _check_visitors_do_not_wait(visitor)
            _check_it_is_said_once(shop, "The collector takes no traces: ")
            collector.status = 200
            last = visitor.get("/products/").request_id
            collector.wait_for(lambda span: span.trace == last)
            _check_it_is_said_once(shop, "The collector takes traces again; ")

            collector.seconds = 20
            _check_visitors_do_not_wait(visitor)
            begun = time.monotonic()
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        # Ten seconds are what a worker has before it is killed.
        assert time.monotonic() - begun < 9
    assert "Queue full" not in shop.written()
    assert "opentelemetry" not in {record["logger"] for record in shop.records()}


def _check_visitors_do_not_wait(visitor: Visitor) -> None:
    """Ask for more than the queue can hold; who waited for the collector would need a minute."""
    begun = time.monotonic()
    assert {visitor.get("/products/").status for _ in range(60)} == {200}
    assert time.monotonic() - begun < 30


def _check_it_is_said_once(shop: Shop, sentence: str) -> None:
    deadline = time.monotonic() + 30
    while not (said := _said(shop, sentence)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(said) == 1, shop.written()


def _said(shop: Shop, sentence: str) -> list[str]:
    return [
        record["message"] for record in shop.records() if record["message"].startswith(sentence)
    ]


# --- What is told last ----------------------------------------------------------------------------


@pytest.mark.long
def test_what_a_process_has_not_told_yet_it_tells_when_it_ends(tmp_path: Path) -> None:
    collector = Collector()
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "600000"}
    with collector.listening():
        with small(tmp_path, **settings) as (shop, _):
            request_id = shop.visitor(VISITOR).get("/products/").request_id
            assert collector.spans() == []
        assert request_id in {span.trace for span in collector.spans()}
