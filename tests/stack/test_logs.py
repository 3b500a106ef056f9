"""A whole day in the shop: its log tells what happened, follows each request, and names nobody."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stack.shops import Shop, opened
from tests.stack.visiting import Visitor

pytestmark = pytest.mark.once

ADDRESS = "203.0.113.77"
PERSON = {
    "username": "quincy.quill",
    "email": "quincy.quill@mail.example.com",
    "first_name": "Quincy",
    "last_name": "Quillfeather",
}
HOME = {
    "name": "Quincy Quillfeather",
    "line1": "17 Sassafras Steps",
    "city": "Ottershaw",
    "postcode": "QQ7 9ZZ",
    "country": "GB",
}
PASSWORDS = ("plums and pewter 31", "figs and flagons 47", "quinces and quills 59")
# Part of nobody, and yet of no concern to whoever reads a log.
TYPED = ("sassafras-search", "smuggled.example", "Forged-By-Quincy")

# What databases say of a row that they refuse: the second line has all of it.
REFUSE = """
CREATE TRIGGER refuse BEFORE INSERT ON {table} BEGIN
  SELECT RAISE(ABORT, 'new row violates check constraint "some_check"
DETAIL:  Failing row contains (1, {details}).');
END
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with opened(tmp_path_factory.mktemp("shop"), THROTTLE="off") as shop:
        yield shop


@pytest.fixture(scope="module")
def day(shop: Shop) -> set[str]:
    """Everything that people do in a shop, right and wrong; return what is theirs."""
    quincy = shop.visitor(ADDRESS, Referer="https://smuggled.example/?q=Quincy")
    _shop_as_a_person(quincy)
    secrets = _forget_the_password(shop, quincy)
    secrets |= _shop_as_a_program(shop.visitor(ADDRESS))
    _do_everything_wrong(shop, quincy)
    secrets |= quincy.secrets | set(PASSWORDS) | set(TYPED) | {ADDRESS, PERSON["username"]}
    secrets |= {PERSON["email"], "Quillfeather", "Quincy", "quincy"}
    return secrets | {HOME[name] for name in ("line1", "city", "postcode")}


def _shop_as_a_person(quincy: Visitor) -> None:
    signed_up = quincy.form("/accounts/signup/", password=PASSWORDS[0], **PERSON)
    assert (signed_up.status, "/accounts/signup/" in signed_up.url) == (200, False)
    assert quincy.get("/search/?q=sassafras-search").status == 200
    product = re.findall(r'href="/products/(\d+)/"', quincy.get("/products/?in_stock=1").text)[0]
    assert quincy.get(f"/products/{product}/").status == 200
    assert quincy.form(f"/cart/add/{product}/", quantity="1").status == 200
    bought = quincy.form("/checkout/", payment="on_delivery", email=PERSON["email"], **HOME)
    assert re.search(r"/orders/\d+/", bought.url), bought.text


def _forget_the_password(shop: Shop, quincy: Visitor) -> set[str]:
    """Sign in wrongly, ask for a letter, and follow its link."""
    quincy.form("/accounts/logout/")
    wrong = quincy.form("/accounts/login/", username=PERSON["username"], password=PASSWORDS[1])
    assert wrong.status == 422
    assert quincy.form("/accounts/password/reset/", email=PERSON["email"]).status == 200
    (letter,) = (path.read_text() for path in shop.mail.iterdir())
    match = re.search(r"/accounts/password/reset/([^/\s]+)/([^/\s]+)/", letter)
    assert match
    path, (uid, token) = match[0], match.groups()
    assert quincy.form(path, password=PASSWORDS[2]).status == 200
    # The same link again, one with a mistake in it, and one that lacks its end.
    assert quincy.get(path).status == 410
    assert quincy.get(path.replace(token, f"{token}x")).status == 410
    assert quincy.get(path.rstrip("/") + "/more/").status == 404
    signed_in = quincy.form("/accounts/login/", username=PERSON["username"], password=PASSWORDS[2])
    assert signed_in.status == 200
    return {token, f"/{uid}/"}


def _shop_as_a_program(program: Visitor) -> set[str]:
    """Sign in, order, and renew the token, by the API."""
    credentials = {"username": PERSON["username"], "password": PASSWORDS[2]}
    tokens = program.send("/api/login/", credentials).json
    bearer = {"Authorization": f"Bearer {tokens['access']}"}
    cart: dict[str, Any] = program.send("/api/carts/", {}, **bearer).json
    products = program.get("/api/products/?in_stock=true").json["results"]
    line = {"product": products[0]["id"]}
    assert program.send(f"/api/carts/{cart['id']}/lines/", line, **bearer).status == 201
    order = {"cart": cart["id"], "address": HOME, "email": PERSON["email"]}
    key = {"Idempotency-Key": "Forged-By-Quincy-key"}
    placed = program.send("/api/orders/", order, **bearer, **key, **{"X-Request-ID": "the-order"})
    assert placed.status == 201, placed.text
    assert program.send(f"/api/carts/{cart['id']}/lines/", line, **bearer).status == 409
    renewed = program.send("/api/token/refresh/", {"refresh": tokens["refresh"]}).json
    used_again = program.send("/api/token/refresh/", {"refresh": tokens["refresh"]})
    assert used_again.status == 401
    wrong = program.send("/api/login/", credentials | {"password": PASSWORDS[0]})
    assert wrong.status == 401
    program.get("/api/orders/", Authorization=f"Bearer {tokens['access']}x")
    return {tokens["access"], tokens["refresh"], renewed["access"], renewed["refresh"], cart["id"]}


def _do_everything_wrong(shop: Shop, quincy: Visitor) -> None:
    """What visitors, and those who only pretend to be, send as well."""
    email = PERSON["email"]
    assert quincy.get(f"/nowhere/{email}/?email={email}").status == 404
    assert quincy.get(f"/api/nowhere/{email}/").status == 404
    assert quincy.get("/media/../../Quincy/secret_key").status == 404
    assert quincy.get("/products/%0aForged-By-Quincy%0d/").status == 404
    assert quincy.post("/accounts/", email=email).status == 403
    stranger = shop.visitor(ADDRESS)
    assert stranger.get("/", Host="smuggled.example").status == 400
    assert stranger.get("/", Host="a b").status == 400
    assert stranger.send("/api/login/", b'{"username": "quincy.quill", ').status == 400
    assert stranger.send("/api/login/", {"password": PASSWORDS[0]}).status == 400
    assert stranger.send("/api/products/", {}, method="DELETE").status == 405
    assert stranger.send("/cart/", b"x" * 1_200_000, **{"Content-Type": "text/plain"}).status in {
        400,
        403,
        413,
    }
    for header in ("X-Request-ID", "X-Forwarded-For", "Referer", "User-Agent", "Cookie"):
        stranger.get("/products/", **{header: 'Forged-By-Quincy", "level": "critical'})


# --- What is in the log ---------------------------------------------------------------------------


def test_nothing_in_the_log_is_anybodys_own(shop: Shop, day: set[str]) -> None:
    written = shop.written()

    assert len(day) > 25
    assert not sorted(secret for secret in day if secret in written)


def test_each_line_is_an_object_with_what_one_looks_for(shop: Shop, day: set[str]) -> None:
    always = {"time", "level", "logger", "message", "request_id", "process"}
    requests = [record for record in shop.records() if record["message"] == "request"]

    assert len(requests) > 50
    for record in shop.records():
        assert always <= record.keys()
        assert re.fullmatch(r"[0-9a-f]{32}|the-order|", record["request_id"])
    for record in requests:
        assert {"method", "route", "status", "ms"} <= record.keys()
    routes = {record["route"] for record in requests}
    assert {"/checkout/", "/api/orders/", "/accounts/login/", "unknown"} <= routes
    assert "/accounts/password/reset/<str:uidb64>/<str:token>/" in routes


def test_people_are_numbers_and_only_where_they_are_known(shop: Shop, day: set[str]) -> None:
    ((user_id,),) = shop.execute(
        f"SELECT id FROM accounts_user WHERE username = '{PERSON['username']}'"  # noqa: S608
    )
    users: dict[str, set[object]] = {}
    for record in shop.records():
        if record["message"] == "request":
            users.setdefault(record["route"], set()).add(record.get("user"))

    assert users["/checkout/"] == {user_id}
    assert user_id in users["/api/orders/"]
    # Pages for everybody do not ask who is looking.
    for route in ("/products/", "/search/", "/products/<int:product_id>/", "/api/products/"):
        assert users[route] == {None}


# --- From the proxy to the handler ----------------------------------------------------------------


def test_an_order_remembers_its_request(shop: Shop, day: set[str]) -> None:
    rows = shop.execute("SELECT request_id FROM events_event WHERE name = 'order.placed'")

    assert ("the-order",) in rows
    record = shop.wait_for(message="request", request_id="the-order")
    assert (record["route"], record["status"]) == ("/api/orders/", 201)


def test_the_relay_works_for_the_request_that_told_the_news(shop: Shop) -> None:
    """Whoever hides a product is answered at once; what follows is done elsewhere, under its id."""
    staff = shop.visitor(ADDRESS)
    login = {"username": "owner", "password": "tern-and-tide"}
    bearer = {"Authorization": f"Bearer {staff.send('/api/login/', login).json['access']}"}
    product = staff.get("/api/products/").json["results"][-1]["id"]
    variant = staff.get(f"/api/products/{product}/").json["variants"][0]["id"]
    bearer |= {"X-Request-ID": "hide-it.1", "method": "PATCH"}

    path = f"/api/products/{product}/variants/{variant}/"
    answer = staff.send(path, {"is_published": False}, **bearer)

    assert (answer.status, answer.request_id) == (200, "hide-it.1")
    request = shop.wait_for(message="request", request_id="hide-it.1")
    handled = shop.wait_for(
        message="handler",
        request_id="hide-it.1",
        handler="shop.inventory.tasks.refresh_in_stock",
    )
    assert (request["process"], handled["process"]) == ("app", "relay")
    assert re.fullmatch(r"\d+ product\.visibility_changed", handled["event"])
    assert handled["ok"] is True


@pytest.mark.parametrize(
    ("given", "believed"), [("plain-1.2_3", True), ("two words", False), ("x" * 65, False)]
)
def test_the_proxys_id_is_told_back(shop: Shop, given: str, believed: bool) -> None:
    answer = shop.visitor(ADDRESS).get("/products/", **{"X-Request-ID": given})

    assert (answer.request_id == given) is believed
    shop.wait_for(message="request", request_id=answer.request_id)


# --- When it is our fault -------------------------------------------------------------------------


@pytest.fixture
def refusing(shop: Shop, request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the database refuse all rows of a table, as one does that has broken."""
    details = f"{PERSON['email']}, Quincy Quillfeather, 17 Sassafras Steps"
    shop.execute(REFUSE.format(table=request.param, details=details))
    yield
    shop.execute("DROP TRIGGER refuse")


@pytest.mark.parametrize("refusing", ["cart_cart"], indirect=True)
@pytest.mark.usefixtures("refusing")
def test_a_visitor_can_quote_what_went_wrong(shop: Shop) -> None:
    visitor = shop.visitor(ADDRESS)
    product = re.findall(r'href="/products/(\d+)/"', visitor.get("/products/?in_stock=1").text)[0]

    page = visitor.form(f"/cart/add/{product}/", quantity="1")
    problem = visitor.send("/api/carts/", {})

    assert (page.status, problem.status) == (500, 500)
    assert f"reference: <code>{page.request_id}</code>" in page.text
    assert problem.json["instance"] == f"urn:novashop:request:{problem.request_id}"
    for answer, route in ((page, "/cart/add/<int:product_id>/"), (problem, "/api/carts/")):
        told = shop.wait_for(level="error", request_id=answer.request_id, error="IntegrityError")
        assert told["traceback"].endswith(
            'IntegrityError: new row violates check constraint "some_check"'
        )
        assert shop.wait_for(message="request", request_id=answer.request_id)["route"] == route
    for secret in (PERSON["email"], "Quillfeather", "Sassafras"):
        assert secret not in shop.written()


# --- Other shops ----------------------------------------------------------------------------------


@pytest.mark.long
def test_without_a_proxy_a_visitor_cannot_name_requests(tmp_path: Path) -> None:
    with opened(tmp_path, TRUSTED_PROXIES="0", DEMO="off") as shop:
        answer = shop.visitor(ADDRESS).get("/products/", **{"X-Request-ID": "mine"})
        shop.wait_for(message="request", request_id=answer.request_id)

        assert re.fullmatch(r"[0-9a-f]{32}", answer.request_id)
        assert '"mine"' not in shop.written()
        assert shop.written().count("203.0.113") == 0


@pytest.mark.long
def test_for_people_the_window_stays_quiet(tmp_path: Path) -> None:
    with opened(tmp_path, LOG="line", RELAY="server", DEMO="off") as shop:
        assert shop.visitor(ADDRESS).get("/products/").status == 200
        assert shop.visitor(ADDRESS).get("/nowhere/").status == 404

    lines = shop.written().splitlines()
    assert [line.partition(" ")[2].partition(" ")[2] for line in lines if "nowhere" not in line]
    assert not [line for line in lines if "{" in line or "/products/" in line]
