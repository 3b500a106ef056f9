"""Every request has an id that nobody can forge, and leaves one record that tells no tales."""

import re
import threading
import time
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils.functional import SimpleLazyObject

from shop.lib import metrics, requests
from shop.lib.metrics import LANE
from tests.counts import count_of, value_in

pytestmark = pytest.mark.once

MADE_HERE = re.compile(r"[0-9a-f]{32}")


class Records:
    """Stands for the log of finished work."""

    def __init__(self) -> None:
        self.written: list[dict[str, Any]] = []

    def info(self, message: str, **facts: Any) -> None:
        self.written.append({"message": message, "id": requests.current_id(), **facts})


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> Records:
    records = Records()
    monkeypatch.setattr(requests, "WORK", records)
    return records


def answer_to(request: HttpRequest, status: int = 200) -> tuple[HttpResponse, str]:
    """Answer a request; return the answer, and the id it had meanwhile."""
    seen: list[str] = []

    def view(_: HttpRequest) -> HttpResponse:
        seen.append(requests.current_id())
        return HttpResponse(status=status)

    response = requests.RequestMiddleware(view)(request)
    assert isinstance(response, HttpResponse)
    return response, seen[0]


# --- Ids ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["abc-123", "A.b_c-9", "x", "0" * 64])
def test_our_own_proxy_names_the_request(rf: RequestFactory, settings: Any, given: str) -> None:
    settings.TRUSTED_PROXIES = 1

    response, seen = answer_to(rf.get("/", headers={"X-Request-ID": given}))

    assert (seen, response["X-Request-ID"]) == (given, given)


@pytest.mark.parametrize(
    "given",
    ["", "a b", "a\nforged: line", "a\n", "a,b", "é", "½", "0" * 65, '"}', "../x", "a\x1b[2J"],
)
def test_what_is_no_plain_word_is_no_id(rf: RequestFactory, settings: Any, given: str) -> None:
    settings.TRUSTED_PROXIES = 1
    request = rf.get("/")
    request.META["HTTP_X_REQUEST_ID"] = given

    response, seen = answer_to(request)

    assert MADE_HERE.fullmatch(seen)
    assert response["X-Request-ID"] == seen


def test_without_a_proxy_nobody_is_believed(rf: RequestFactory, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 0

    _, seen = answer_to(rf.get("/", headers={"X-Request-ID": "mine"}))

    assert MADE_HERE.fullmatch(seen)


def test_each_request_has_its_own_and_leaves_none_behind(rf: RequestFactory) -> None:
    _, first = answer_to(rf.get("/"))
    _, second = answer_to(rf.get("/"))

    assert first != second
    assert requests.current_id() == ""


def test_a_request_that_breaks_leaves_none_behind_either(rf: RequestFactory) -> None:
    def fail(_: HttpRequest) -> HttpResponse:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        requests.RequestMiddleware(fail)(rf.get("/"))

    assert requests.current_id() == ""
    assert count_of("novashop_requests_in_progress", lane=LANE) == 0


def test_threads_keep_theirs_apart(rf: RequestFactory) -> None:
    """Two requests, both in their view at the same time."""
    both_there = threading.Barrier(2)
    seen: dict[str, str] = {}

    def view(request: HttpRequest) -> HttpResponse:
        both_there.wait(5)
        seen[request.path] = requests.current_id()
        return HttpResponse()

    answered: dict[str, str] = {}

    def ask(path: str) -> None:
        answered[path] = requests.RequestMiddleware(view)(rf.get(path)).headers["X-Request-ID"]

    threads = [threading.Thread(target=ask, args=(path,)) for path in ("/a", "/b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == answered
    assert seen["/a"] != seen["/b"]


def test_later_work_is_done_for_the_request_it_came_from() -> None:
    with requests.working_for("first", event="7 order.placed"):
        assert requests.current_id() == "first"
        assert requests.current_facts() == {"event": "7 order.placed"}
        with requests.working_for(""):
            assert MADE_HERE.fullmatch(requests.current_id())
            assert requests.current_facts() == {}
        assert requests.current_id() == "first"

    assert (requests.current_id(), requests.current_facts()) == ("", {})


# --- What is written down and counted -------------------------------------------------------------


@pytest.mark.django_db
def test_a_request_leaves_one_record(client: Client, records: Records) -> None:
    response = client.get("/products/?q=alice@example.com")

    (record,) = records.written
    assert record.pop("ms") > 0
    assert record == {
        "message": "request",
        "id": response["X-Request-ID"],
        "method": "GET",
        "route": "/products/",
        "status": response.status_code,
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/products/4711/", "/products/<int:product_id>/"),
        (
            "/accounts/password/reset/MQ/c1-secret/",
            "/accounts/password/reset/<str:uidb64>/<str:token>/",
        ),
        ("/nowhere/alice@example.com/", "unknown"),
        ("/static/nothing.css", "static"),
        ("/static/storefront/shop.css", "static"),
    ],
)
def test_it_names_the_route_and_never_the_address(
    client: Client, records: Records, path: str, route: str
) -> None:
    client.get(path).close()

    assert [record["route"] for record in records.written] == [route]
    assert "secret" not in str(records.written)


@pytest.mark.django_db
def test_a_path_under_the_api_that_is_none_is_one_route(client: Client, records: Records) -> None:
    for name in ("alice", "bob"):
        client.get(f"/api/{name}/")

    assert {record["route"] for record in records.written} == {"/api/"}


def test_a_method_that_nobody_knows_is_another(rf: RequestFactory, records: Records) -> None:
    answer_to(rf.generic("ALICE", "/"), status=405)

    assert [(r["method"], r["status"]) for r in records.written] == [("other", 405)]


def test_whose_it_is_stands_there_only_when_somebody_has_asked(
    rf: RequestFactory, records: Records
) -> None:
    class Somebody:
        pk = 12

    def nobody_may_ask() -> Somebody:
        raise AssertionError("the log asks who is there")

    known, asked, unasked = rf.get("/"), rf.get("/"), rf.get("/")
    known.user = Somebody()  # type: ignore[assignment]
    asked.user = SimpleLazyObject(Somebody)  # type: ignore[assignment]
    assert asked.user.pk == 12
    unasked.user = SimpleLazyObject(nobody_may_ask)  # type: ignore[assignment]
    unknown = rf.get("/")
    unknown.user = AnonymousUser()

    for request in (known, asked, unasked, unknown, rf.get("/")):
        answer_to(request)

    assert [record.get("user") for record in records.written] == [12, 12, None, None, None]


@pytest.mark.django_db
def test_an_api_client_is_known_by_its_token(
    client: Client, records: Records, alice: Any, cheap_passwords: None
) -> None:
    alice.set_password("mugs and forks 12")
    alice.save()
    body = {"username": "alice", "password": "mugs and forks 12"}
    access = client.post("/api/login/", body, content_type="application/json").json()["access"]
    records.written.clear()

    client.get("/api/orders/", headers={"Authorization": f"Bearer {access}"})
    client.get("/api/products/", headers={"Authorization": f"Bearer {access}"})

    assert [record.get("user") for record in records.written] == [alice.id, None]


def test_times_are_counted_by_route_method_and_class(rf: RequestFactory) -> None:
    labels = {"route": "unknown", "method": "POST", "status": "5xx"}
    before = count_of("novashop_request_seconds_count", **labels)

    for status in (500, 503):
        answer_to(rf.post("/nowhere"), status=status)

    assert count_of("novashop_request_seconds_count", **labels) == before + 2
    assert count_of("novashop_request_seconds_bucket", le="+Inf", **labels) == before + 2


def test_what_is_being_answered_is_in_progress(rf: RequestFactory) -> None:
    seen: list[float] = []

    def view(_: HttpRequest) -> HttpResponse:
        seen.append(count_of("novashop_requests_in_progress", lane=LANE))
        return HttpResponse()

    requests.RequestMiddleware(view)(rf.get("/"))

    assert [*seen, count_of("novashop_requests_in_progress", lane=LANE)] == [1, 0]


def test_a_process_that_answers_is_one_worker_of_its_lane(rf: RequestFactory) -> None:
    for _ in range(2):
        answer_to(rf.get("/"))

    assert count_of("novashop_workers", lane=LANE) == 1


def test_the_time_of_answers_adds_up_also_of_those_that_break(rf: RequestFactory) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        time.sleep(0.02)
        if request.path == "/breaks":
            raise KeyboardInterrupt
        return HttpResponse()

    before = count_of("novashop_busy_seconds_total", lane=LANE)
    requests.RequestMiddleware(view)(rf.get("/"))
    with pytest.raises(KeyboardInterrupt):
        requests.RequestMiddleware(view)(rf.get("/breaks"))

    assert 0.04 <= count_of("novashop_busy_seconds_total", lane=LANE) - before < 60


# --- Waiting --------------------------------------------------------------------------------------


def waits() -> tuple[float, float]:
    """Return how many requests are known to have waited, and for how long together."""
    name = "novashop_request_wait_seconds"
    counted = list(metrics.counted())
    count, seconds = (value_in(counted, f"{name}_{what}", lane=LANE) for what in ("count", "sum"))
    return count, seconds


@pytest.mark.parametrize(
    ("ago", "at_least", "at_most"),
    [
        (2.5, 2.5, 30.0),
        # The proxy's clock is ahead of ours.
        (-60.0, 0.0, 0.0),
    ],
)
def test_the_proxy_says_since_when_a_request_waits(
    rf: RequestFactory, settings: Any, ago: float, at_least: float, at_most: float
) -> None:
    settings.TRUSTED_PROXIES = 1
    count, seconds = waits()

    answer_to(rf.get("/", headers={"X-Request-Start": f"{time.time() - ago:.3f}"}))

    more = waits()[1] - seconds
    assert waits()[0] == count + 1
    # Told in thousandths.
    assert at_least - 0.002 <= more <= at_most


@pytest.mark.parametrize(
    ("proxies", "said"),
    [
        # Without a proxy of ours it is a visitor who says so.
        (0, "now"),
        (1, ""),
        (1, "yesterday"),
        (1, "1e9"),
        (1, "999999999.000"),
        (1, "-1.000"),
        (1, "12345678901234567890.000"),
        (1, "१२३४५६७८९०.000"),
    ],
)
def test_what_is_no_moment_of_now_is_not_counted(
    rf: RequestFactory, settings: Any, proxies: int, said: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    before = waits()
    request = rf.get("/")
    request.META["HTTP_X_REQUEST_START"] = f"{time.time():.3f}" if said == "now" else said

    response, _ = answer_to(request)

    assert (response.status_code, waits()) == (200, before)
