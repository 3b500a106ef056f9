"""The requests of our own load generator, byte for byte, and running it."""

import http.client
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from load.bench.figures import Figure, MeasurementError
from load.bench.poster import SECONDS_TO_END, write_shots

ADDRESS = {
    "name": "Maya Rowe",
    "line1": "4 Station Road",
    "city": "Leeds",
    "postcode": "LS1 4AP",
    "country": "GB",
}
_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
_GOODS_OF_A_CLIENT = 4


def order(host: str, *, token: str, cart: str, path: str = "/api/orders/") -> bytes:
    """Return what an API client sends to order a cart."""
    body = json.dumps({"cart": cart, "payment": "on_delivery", "address": ADDRESS}).encode()
    headers = {
        "Authorization": f"Bearer {token}",
        "Idempotency-Key": str(uuid4()),
        "Content-Type": "application/json",
    }
    return _request("POST", path, host=host, headers=headers, body=body)


def buyers_in(file: Path) -> list[tuple[str, str]]:
    """Return the access tokens and carts that `load.bench.inside` has written down."""
    return [(token, cart) for token, cart in map(json.loads, file.read_text().splitlines())]


def get(host: str, path: str, headers: Mapping[str, str]) -> bytes:
    """Return what asks for a page."""
    return _request("GET", path, host=host, headers=dict(headers), body=b"")


def forms(host: str, goods: Sequence[tuple[int, int]], *, clients: int) -> list[bytes]:
    """Return what so many guests send to put things in their carts, each of them some in turn.

    The guests have a cart already. As the poster takes them, every `clients`-th is one guest's.
    """
    mine = [
        [goods[(client + step) % len(goods)] for step in range(_GOODS_OF_A_CLIENT)]
        for client in range(clients)
    ]
    by_guest = [_forms_of_guest(host, chosen) for chosen in mine]
    return [forms[step] for step in range(_GOODS_OF_A_CLIENT) for forms in by_guest]


def _forms_of_guest(host: str, goods: Iterable[tuple[int, int]]) -> list[bytes]:
    """Open a guest's cart with the first of the goods, as a browser would."""
    first, *_ = chosen = list(goods)
    cookies: dict[str, str] = {}
    page = _ask(host, "GET", f"/cart/add/{first[0]}/", cookies=cookies)
    found = _CSRF.search(page.decode())
    if found is None:
        raise MeasurementError("the form that adds to the cart has no token in it")
    sent = [_form(product, variant, token=found[1]) for product, variant in chosen]
    path, headers, body = sent[0]
    _ask(host, "POST", path, cookies=cookies, headers=headers, body=body)
    if "cart" not in cookies:
        raise MeasurementError("putting something in a cart has given no cart")
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return [
        _request("POST", path, host=host, headers={**headers, "Cookie": cookie}, body=body)
        for path, headers, body in sent
    ]


def _form(product: int, variant: int, *, token: str) -> tuple[str, dict[str, str], bytes]:
    fields = {"csrfmiddlewaretoken": token, "variant": variant, "quantity": 1}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return f"/cart/add/{product}/", headers, urlencode(fields).encode()


def _ask(
    host: str,
    method: str,
    path: str,
    *,
    cookies: dict[str, str],
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> bytes:
    """Ask once and keep the cookies. Raises MeasurementError at an error."""
    connection = http.client.HTTPConnection(host, timeout=SECONDS_TO_END)
    try:
        cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        connection.request(method, path, body, {**(headers or {}), "Cookie": cookie})
        response = connection.getresponse()
        for line in response.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                cookies[name] = morsel.coded_value
        answer = response.read()
    finally:
        connection.close()
    if response.status >= 400:
        raise MeasurementError(f"{method} {path}: {response.status}")
    return answer


def _request(
    method: str, path: str, *, host: str, headers: Mapping[str, str], body: bytes
) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def fire(
    shots: Sequence[bytes],
    *,
    host: str,
    file: Path,
    clients: int,
    seconds: float,
    want: int,
    again: bool = False,
    insist: bool = False,
    rate: float | None = None,
) -> dict[str, Any]:
    """Run the poster with these requests, and return what it tells, with the cores it used.

    Raises MeasurementError where it ends with an error.
    """
    write_shots(file, shots)
    options = ["--clients", str(clients), "--seconds", str(seconds), "--want", str(want)]
    options += ["--rate", str(rate)] if rate is not None else []
    options += [*(["--again"] if again else []), *(["--insist"] if insist else [])]
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "load.bench.poster", host, str(file), *options],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().rpartition("\n")[2]
        raise MeasurementError(f"the load generator failed: {said}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def figure(told: Mapping[str, Any]) -> Figure:
    """Return the figure of a run. Raises MeasurementError when not every answer was a good one."""
    if told["broken"] or told["good"] != told["sent"] or not told["good"]:
        said = ", ".join(f"{count} of {status}" for status, count in told["statuses"].items())
        raise MeasurementError(
            f"{told['sent']} requests: {said or 'no answer'}; {told['broken']} got none"
        )
    return Figure(
        answers=told["good"],
        rate=told["rate"],
        p50_ms=told["p50_ms"],
        p99_ms=told["p99_ms"],
        generator_cores=told["cores"],
    )
