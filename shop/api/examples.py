"""Values that somebody who reads the description can picture, instead of `"string"` and `0`."""

from typing import Any

_CART = "0b3f7f0e-6f0c-4b7e-9d6a-2f1f1d9c8a57"
_TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…"  # noqa: S105  (the beginning of every token)
_PICTURE = "https://shop.example/media/pictures/3f/3fa94c1be07d62581fd3a9e6c5b47082"
_PERSON = {"name": "Alice Able", "line1": "1 High Street", "line2": "Flat 2"}
_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw4T1kq8OeGqM="  # noqa: S105  (nobody's)
_EVENTS = ["order.placed", "order.paid"]
_HOOK = {
    "description": "Our warehouse",
    "events": _EVENTS,
    "url": "https://erp.example/novashop",
}
_DELIVERY = {
    "body": '{"type":"order.paid","timestamp":"2030-05-04T12:00:00Z","version":1,'
    '"subject":"order:12","data":{"order_id":12,"number":"7K3M9QWX2B4D","origin":"cart:…"}}',
    "event": "order.paid",
    "event_number": 4711,
    "message_id": "evt_5f0c8d3f6a1b5c7d9e2f4a6b8c0d1e2f",
    "tries": 1,
}
_SHELF = {"name": "Mugs", "description": "For tea, and for coffee."}

# By the name of a property; what is in EXAMPLES_OF goes before.
EXAMPLES: dict[str, Any] = {
    "access": _TOKEN,
    "alt": "A blue stoneware mug",
    "amount": "25.00",
    "author": "Maya R.",
    "available": 8,
    "cart": _CART,
    "category": 4,
    "city": "Leeds",
    "code": "MUG",
    "country": "GB",
    "currency": "GBP",
    "description": "Stoneware, made to keep its heat.",
    "discount_total": "0.00",
    "email": "alice@example.com",
    "expected_total": "25.00",
    "first_name": "Alice",
    "goods_total": "25.00",
    "height": 1500,
    "id": 12,
    "image": f"{_PICTURE}.webp",
    "last_name": "Able",
    "location": "main",
    "location_name": "Main",
    "name": "Stoneware mug",
    "next": "https://shop.example/api/…/?cursor=WzAsIjEyIl0:qWx…",
    "number": "7K3M9QWX2B4D",
    "on_hand": 10,
    "password": "correct horse battery staple",
    "position": 1,
    "postcode": "LS1 4AP",
    "price": "12.50",
    "product": 12,
    "promised": 2,
    "quantity": 2,
    "rating": 5,
    "receive": 24,
    "reference": "Delivery note 1207",
    "refresh": _TOKEN,
    "regular_price": "15.00",
    "review_count": 17,
    "shipping_total": "0.00",
    "sku": "MUG-BLUE",
    "srcset": f"{_PICTURE}-320.webp 320w, {_PICTURE}-640.webp 640w",
    "stock": 8,
    "tax_total": "0.00",
    "text": "Keeps tea warm through a whole chapter.",
    "title": "Blue",
    "total": "25.00",
    "url": f"{_PICTURE}.webp",
    "user": 3,
    "username": "alice",
    "variant": 31,
    "width": 2000,
}

EXAMPLES_OF: dict[str, dict[str, Any]] = {
    "Address": _PERSON,
    "AddressForm": _PERSON,
    "Cart": {"id": _CART},
    "Attempt": {
        "address": "93.184.215.14",
        "answer": "OK",
        "failure": "",
        "milliseconds": 87,
        "status": 200,
    },
    "Category": {**_SHELF, "parent": None},
    "CategoryForm": {**_SHELF, "parent": None},
    "Delivery": _DELIVERY,
    "DetailsForm": {"address": "1 High Street"},
    "History": {"kind": "paid", "by": None},
    "NewWebhook": {**_HOOK, "secret": _SECRET},
    "Option": {"code": "colour", "name": "Colour", "value": "blue", "value_name": "Blue"},
    "Product": {"rating": "4.50"},
    "ProductCategory": _SHELF,
    "RegisterForm": {"address": "1 High Street"},
    "Secret": {"secret": _SECRET},
    "Source": {"type": "image/webp"},
    "User": {"address": "1 High Street"},
    "VariantForm": {"options": {"Colour": "Blue"}},
    "Webhook": _HOOK,
    "WebhookChangeForm": _HOOK,
    "WebhookForm": _HOOK,
    "WholeDelivery": _DELIVERY,
}


def show_examples(result: Any, **_: Any) -> Any:
    """Give the properties of the description their examples; called when it has been made."""
    for name, schema in result["components"]["schemas"].items():
        own = EXAMPLES_OF.get(name.removeprefix("Patched"), {})
        for field, described in schema.get("properties", {}).items():
            is_plain = not {"$ref", "allOf", "oneOf", "enum"} & set(described)
            if name != "Problem" and is_plain and field in {**EXAMPLES, **own}:
                described["example"] = {**EXAMPLES, **own}[field]
    return result
