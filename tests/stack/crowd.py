"""A steady crowd in front of a stack: readers, and buyers who order. Every answer is looked at."""

import asyncio
import itertools
import json
import subprocess
import sys
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from load.client import Answer, Client, Tally, at_rate, opened

MANAGE = [sys.executable, str(settings.BASE_DIR / "manage.py")]
NAME = "Drill mug"
PRICE = "12.50"
STOCK = 1_000_000
REQUESTS_A_SECOND = 250
# Of so many turns one is a buyer's: a cart, a line and an order. The others read.
TURNS = 30
REQUESTS_OF_A_BUYER = 3
ADDRESS = {
    "name": "Ada Shopper",
    "line1": "1 Harbour Street",
    "line2": "",
    "city": "Whitby",
    "postcode": "YO21 1AA",
    "country": "GB",
}


@dataclass
class Crowd:
    """What they all know, and what they were promised."""

    client: Client
    product_id: int
    # The ids of orders that were acknowledged, and how often their request had to be sent.
    orders: list[int] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    async def take_turn(self, number: int) -> str | None:
        """Ask as the so-manyth, and return what was wrong with the answers, if anything."""
        if number % TURNS == 0:
            return await self.buy()
        return await self.read(number)

    async def read(self, number: int) -> str | None:
        """Look at a page, a product of the API, or nothing much: most of what comes is light."""
        if number % 20 == 1:
            return await self._see_product()
        return await (self._ask_product() if number % 20 == 11 else self._ask_health())

    async def _ask_health(self) -> str | None:
        answer = await self.client.ask("GET", "/healthz")
        return _complain(answer, wanted=200, body={"status": "ok"})

    async def _ask_product(self) -> str | None:
        answer = await self.client.ask("GET", f"/api/products/{self.product_id}/")
        return _complain(answer, wanted=200, body={"id": self.product_id, "name": NAME})

    async def _see_product(self) -> str | None:
        answer = await self.client.ask("GET", f"/products/{self.product_id}/")
        text = answer.body.decode(errors="replace").rstrip()
        if answer.status != 200 or NAME not in text or not text.endswith("</html>"):
            return f"GET a page: {answer.status}, {len(text)} letters, ends with {text[-80:]!r}"
        return None

    async def buy(self) -> str | None:
        """Fill a cart of one's own and order it."""
        cart = await self.post("/api/carts/", {})
        if complaint := _complain(cart, wanted=201, body={"lines": []}):
            return f"cart: {complaint}"
        cart_id = str(json.loads(cart.body)["id"])
        line = await self.post(
            f"/api/carts/{cart_id}/lines/", {"product": self.product_id, "quantity": 1}
        )
        if complaint := _complain(line, wanted=201, body={"quantity": 1, "amount": PRICE}):
            return f"line: {complaint}"
        key = str(uuid.uuid4())
        self.keys.append(key)
        return self.note_order(await self.order(cart_id, key=key))

    async def order(self, cart_id: str, *, key: str) -> Answer:
        """Ask for the order of a cart."""
        wish = {"cart": cart_id, "email": "ada@example.org", "address": ADDRESS}
        return await self.post("/api/orders/", wish, headers={"Idempotency-Key": key})

    def note_order(self, answer: Answer) -> str | None:
        """Remember the order, or say what was wrong."""
        if complaint := _complain(answer, wanted=201, body={"total": PRICE, "status": "Pending"}):
            return f"order: {complaint}"
        self.orders.append(int(json.loads(answer.body)["id"]))
        return None

    async def post(
        self, path: str, body: object, *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send JSON."""
        return await self.client.ask(
            "POST",
            path,
            headers={"Content-Type": "application/json", **(headers or {})},
            body=json.dumps(body).encode(),
        )


def _complain(answer: Answer, *, wanted: int, body: Mapping[str, object]) -> str | None:
    """Say in what the answer differs from what was wanted; its body may say more than that."""
    try:
        found = json.loads(answer.body)
    except ValueError:
        found = None
    if answer.status == wanted and isinstance(found, dict) and body.items() <= found.items():
        return None
    return f"{answer.status} instead of {wanted}: {answer.body[:200]!r}"


def turns_for(requests: int) -> int:
    """Return how many turns make so many requests, or a few more."""
    return -(-requests * TURNS // (TURNS - 1 + REQUESTS_OF_A_BUYER))


async def keep_asking(crowd: Crowd, *, requests: int) -> Tally:
    """Let the crowd ask so often, at its rate."""
    turns = turns_for(requests)
    rate = REQUESTS_A_SECOND * turns / requests
    return await at_rate(crowd.take_turn, rate=rate, count=turns)


async def ask_while(crowd: Crowd, drill: Callable[[], None] | None, *, requests: int) -> Tally:
    """Let the crowd ask so often, and do the drill, which takes a while, once it is at it."""
    asking = asyncio.create_task(keep_asking(crowd, requests=requests))
    await asyncio.sleep(1)
    if drill is not None:
        await asyncio.to_thread(drill)
    return await asking


def gather(
    url: str, product_id: int, drill: Callable[[], None] | None, *, requests: int
) -> tuple[Tally, Crowd]:
    """Put a crowd before the stack, do the drill, and return what became of everybody."""

    async def run() -> tuple[Tally, Crowd]:
        async with opened(url) as client:
            crowd = Crowd(client, product_id)
            return await ask_while(crowd, drill, requests=requests), crowd

    return asyncio.run(run())


def stock_up(environment: Mapping[str, str], folder: Path) -> int:
    """Give the shop something to sell of which there is enough; return the product's id."""
    file = folder / "drill.csv"
    file.write_text(f"sku,name,price,category,stock\ndrill-mug,{NAME},{PRICE},Drills,{STOCK}\n")
    manage(environment, "import_catalogue", str(file))
    return int(
        ask_shop(
            environment,
            "from shop.catalog.models import Product; "
            f"print(Product.objects.get(name={NAME!r}).pk)",
        )
    )


def known_orders(environment: Mapping[str, str]) -> list[int]:
    """Return the ids of all orders of the drill's product."""
    found = ask_shop(
        environment,
        "from shop.orders.models import Order; "
        "print(*Order.objects.filter(lines__sku='drill-mug').order_by('id')"
        ".values_list('id', flat=True))",
    )
    return [int(number) for number in found.split()]


def ask_shop(environment: Mapping[str, str], code: str) -> str:
    """Return what the code prints inside of the shop."""
    return manage(environment, "shell", "--no-imports", "-c", code)


def manage(environment: Mapping[str, str], *command: str) -> str:
    """Return what a command of `manage.py` prints."""
    done = subprocess.run(
        [*MANAGE, *command], env=dict(environment), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def slowest(tally: Tally, *, share: float) -> float:
    """Return how long all but such a share of the requests took at most."""
    ordered = sorted(tally.seconds)
    return next(itertools.islice(ordered, int(len(ordered) * (1 - share)), None))
