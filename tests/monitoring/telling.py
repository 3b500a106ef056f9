"""What a shop tells Prometheus that is an app server, has Redis, and has been visited."""

from django.test import Client

from shop.events.actions import run_due
from shop.lib.caches import counting
from shop.ops import draining


def told(client: Client) -> str:
    """Look at the shop, try to order, let its relay come by, and return its numbers."""
    # Some are told by those alone who count there.
    assert draining.METRICS
    assert counting.AWAY is not None
    run_due()
    client.get("/products/")
    assert client.post("/api/orders/").status_code == 400
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return answer.content.decode()
