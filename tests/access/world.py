"""A shop in which everybody has something of their own, and what nobody else may read of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from http.cookies import SimpleCookie
from typing import Any

from auditlog.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.auth.tokens import default_token_generator
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from shop.accounts import actions as accounts
from shop.accounts.models import User
from shop.accounts.rules import AddressFields, NewPerson
from shop.cart.models import Cart, CartLine
from shop.catalog import actions as catalog
from shop.catalog.models import Category, Option, OptionValue, Product, ProductImage, Variant
from shop.checkout import actions as checkout
from shop.checkout.rules import Buyer, Draft
from shop.events.models import Schedule
from shop.inventory.models import StockLevel, StockLocation, StockMovement
from shop.letters import actions as letters
from shop.letters import queries as letter_queries
from shop.letters.models import Letter
from shop.letters.rules import LetterKind
from shop.orders import actions as orders
from shop.orders import queries as order_queries
from shop.orders.models import Order
from shop.orders.rules import PaymentMethod, PostalAddress
from shop.reviews import actions as reviews
from shop.reviews.models import Review
from shop.storefront.tests.reading import fields
from tests.builders import fill_cart, one_delivery, put_on_sale
from tests.pictures import upload

PASSWORD = "correct horse battery staple"
SHOPPERS = ("alice", "bob")
# Staff by the groups they are in.
STAFF: dict[str, tuple[str, ...]] = {
    "clerk": (),
    "catalogue": ("Catalogue",),
    "orders": ("Orders",),
    "sam": ("Catalogue", "Orders", "Everything"),
    "boss": (),
}
_SEE_ORDERS = frozenset({"orders", "sam", "boss"})
# A product that is not in the shop yet, and a review that is not shown any more.
_HIDDEN = ("Unheard-of lamp", "Unspeakable words")


@dataclass(frozen=True, slots=True)
class Key:
    """By what the shop knows somebody: a token for the API, a session for all that has pages."""

    headers: Mapping[str, str]
    cookies: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class World:
    """The shop: `names` are the values of what varies in addresses, by case ("": alice's).

    `secrets` are texts with the people who may read them.
    """

    client: Client
    keys: Mapping[str, Key]
    names: Mapping[str, Mapping[str, Any]]
    secrets: Mapping[str, frozenset[str]]

    def names_for(self, case: str) -> dict[str, Any]:
        """Return the values for a case: what it does not have itself is alice's."""
        return {**self.names[""], **self.names.get(case, {})}

    def send(self, method: str, address: str, body: str, *, person: str, with_token: bool) -> Any:
        """Ask as a person: with a token and JSON, or with a session and the body of a form."""
        key = self.keys[person]
        self.client.cookies = SimpleCookie({} if with_token else dict(key.cookies))
        kind = "application/json" if with_token else "application/x-www-form-urlencoded"
        headers = {**key.headers, "Idempotency-Key": "matrix"} if with_token else {}
        return self.client.generic(method, f"/{address}", body, content_type=kind, headers=headers)


def build() -> World:
    """Build it, in an empty shop; needs cheap passwords and a folder for pictures."""
    users = {name: _person(name) for name in SHOPPERS}
    users |= {name: _staff(name, groups) for name, groups in STAFF.items()}
    mug, names = _shelves()
    secrets: dict[str, frozenset[str]] = {}
    alice = users["alice"]
    names["hidden"] = _what_is_hidden(users["bob"])
    names["delivered"] = {"order_id": _order(alice, mug, done=[orders.mark_paid, orders.ship])}
    names["canceled"] = {"order_id": _order(alice, mug, done=[orders.mark_paid, orders.cancel])}
    for name in SHOPPERS:
        secrets |= _belongings(users[name], mug)
    names[""] |= _what_she_has(alice, mug)
    names["guest"] = _what_a_guest_has(mug)
    names[""]["content_type_id"] = ContentType.objects.get_for_model(User).pk
    _write_letters(names)
    names |= {model: {"object_id": pk} for model, pk in _rows_at_the_desk(alice).items()}
    secrets[_what_programs_are_told(names)] = frozenset()
    names["wrong"] = {
        "token": "c0ffee-0123456789abcdef0123456789abcdef",
        "seal": "c0ffee",
        "sealed": "c0ffee",
    }
    keys = {"anonymous": Key({}, {})} | {name: _key(user) for name, user in users.items()}
    keys["alice"], names[""]["ticket"] = _at_the_checkout(keys["alice"])
    # A link to a new password is good until the next time somebody signs in.
    names[""] |= _letter_to(User.objects.get(pk=alice.pk))
    return World(
        client=Client(raise_request_exception=False),
        keys=keys,
        names=names,
        secrets={
            **secrets,
            **_secrets_of_orders(),
            **dict.fromkeys(_HIDDEN, frozenset(STAFF) - {"clerk"}),
            str(names["guest"]["cart_id"]): frozenset(),
        },
    )


def _what_programs_are_told(names: dict[str, dict[str, Any]]) -> str:
    """Have a webhook told of something; return its secret."""
    hook, delivery = one_delivery()
    names[""] |= {"webhook_id": hook.pk, "delivery_id": delivery.pk}
    names |= {
        "events.webhook": {"object_id": hook.pk},
        "events.delivery": {"object_id": delivery.pk},
    }
    return str(hook.secret)


def let_in_a_viewer() -> Key:
    """Return the key of a new member of staff who may look at everything, and change nothing."""
    user = _staff("viewer", ())
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    return _key(user)


def _person(name: str) -> User:
    person = NewPerson(
        username=name,
        email=f"{name}@home.example",
        first_name=name.capitalize(),
        last_name="Able",
        city="Leeds",
        address=f"1 {name.capitalize()} Lane",
    )
    return User.objects.get(pk=accounts.register(person=person, password=PASSWORD))


def _staff(name: str, groups: Iterable[str]) -> User:
    user = _person(name)
    user.is_staff = True
    user.is_superuser = name == "boss"
    user.save()
    user.groups.set(Group.objects.filter(name__in=groups))
    return user


def _shelves() -> tuple[int, dict[str, dict[str, Any]]]:
    """Put a mug and a shirt on sale; return the mug's variant and the names of what there is."""
    mug = put_on_sale("mug", stock=50)
    put_on_sale("shirt-red", product="shirt", options=(("Colour", "Red"),))
    variant = Variant.objects.get(pk=mug)
    category = Product.objects.get(pk=variant.product_id).category_id
    catalog.set_category_picture(category_id=category, file=upload())
    picture = catalog.add_picture(product_id=variant.product_id, file=upload())
    names: dict[str, Any] = {
        "category_id": category,
        "product_id": variant.product_id,
        "variant_id": mug,
        "picture_id": picture,
        "name": ProductImage.objects.get(pk=picture).file.name,
    }
    return mug, {"": names}


def _what_is_hidden(bob: User) -> dict[str, Any]:
    lamp = put_on_sale("lamp", name=_HIDDEN[0], is_published=False)
    shirt = Product.objects.get(code="shirt").pk
    said = reviews.write(user_id=bob.pk, product_id=shirt, rating=1, text=_HIDDEN[1])
    reviews.hide(review_ids=[said], is_hidden=True)
    product_id = Variant.objects.get(pk=lamp).product_id
    return {"product_id": product_id, "variant_id": lamp, "review_id": said}


def _belongings(user: User, mug: int) -> dict[str, frozenset[str]]:
    """Give a shopper an order, an address book and a cart; return what of it is whose business."""
    line = f"2 {user.first_name} Yard"
    address = AddressFields(
        name=user.first_name, line1=line, line2="", city="Leeds", postcode="LS1 4AP", country="GB"
    )
    accounts.keep_address(user_id=user.pk, address=address)
    _order(user, mug)
    cart_id = fill_cart({mug: 2}, user=user)
    own = frozenset({user.username})
    return {
        user.email: own | _SEE_ORDERS,
        user.address: own | _SEE_ORDERS,
        line: own,
        str(cart_id): own,
    }


def _what_she_has(alice: User, mug: int) -> dict[str, Any]:
    cart_id = Cart.objects.get(open_for=alice).pk
    product_id = Variant.objects.get(pk=mug).product_id
    return {
        "user_id": alice.pk,
        "address_id": alice.addresses.get().pk,
        "order_id": Order.objects.filter(user=alice).order_by("-pk")[0].pk,
        "cart_id": cart_id,
        "line_id": CartLine.objects.get(cart_id=cart_id).pk,
        "review_id": reviews.write(user_id=alice.pk, product_id=product_id, rating=5, text="Mine"),
    }


def _write_letters(names: Mapping[str, dict[str, Any]]) -> None:
    """Write what the relay would: a letter about alice's order, and the invoice of one she paid."""
    with transaction.atomic():
        letters.issue_invoice(order_id=names["delivered"]["order_id"])
        letters.write_about_order(order_id=names[""]["order_id"], kind=LetterKind.PLACED)
    names[""]["letter_id"] = Letter.objects.get().pk
    names[""]["sealed"] = letter_queries.stopping_seal("somebody@home.example")
    for case in ("", "guest"):
        number = Order.objects.get(pk=names[case]["order_id"]).number
        names[case] |= {"number": number, "seal": order_queries.seal_of(number)}


def _letter_to(user: User) -> dict[str, str]:
    return {
        "uidb64": urlsafe_base64_encode(force_bytes(user.pk)),
        "token": default_token_generator.make_token(user),
    }


def _what_a_guest_has(mug: int) -> dict[str, Any]:
    order_id = _order(None, mug)
    cart_id = fill_cart({mug: 1})
    line_id = CartLine.objects.get(cart_id=cart_id).pk
    return {"order_id": order_id, "cart_id": cart_id, "line_id": line_id}


def _order(user: User | None, mug: int, *, done: Iterable[Callable[..., None]] = ()) -> int:
    """Order a mug, to an address that tells whose it is."""
    name = user.first_name if user else "Gus"
    address = PostalAddress(
        name=name, line1=f"3 {name} Street", city="Leeds", postcode="LS1 4AP", country="GB"
    )
    cart_id = fill_cart({mug: 1}, user=user)
    draft = Draft(
        buyer=Buyer(
            email=user.email if user else "gus@home.example",
            address=address,
            user_id=user.pk if user else None,
        ),
        payment_method=PaymentMethod.ON_DELIVERY,
        cart_id=cart_id,
    )
    order_id = checkout.place_order(draft=draft).order_id
    for step in done:
        step(order_ids=[order_id], by=None)
    return order_id


def _secrets_of_orders() -> dict[str, frozenset[str]]:
    secrets: dict[str, frozenset[str]] = {}
    for order in Order.objects.select_related("user"):
        readers = _SEE_ORDERS | ({order.user.username} if order.user else set())
        secrets |= dict.fromkeys((order.line1, order.email), readers)
        # The ledger of the stock says for which order something went.
        secrets[order.number] = readers | {"catalogue"}
    return secrets


def _at_the_checkout(key: Key) -> tuple[Key, str]:
    """Open the checkout in somebody's browser, which gets a cookie, and return its ticket."""
    client = Client()
    client.cookies = SimpleCookie(dict(key.cookies))
    ticket = fields(client.get("/checkout/"))["ticket"]
    return replace(key, cookies=_cookies_of(client)), ticket


def _cookies_of(client: Client) -> dict[str, str]:
    return {name: morsel.value for name, morsel in client.cookies.items()}


def _key(user: User) -> Key:
    """Sign somebody in: to the API with their password, and to the pages."""
    client = Client()
    said = {"username": user.username, "password": PASSWORD}
    answer = client.post("/api/login/", said, content_type="application/json")
    assert answer.status_code == 200, answer.content
    client.force_login(user)
    return Key(
        headers={"Authorization": f"Bearer {answer.json()['access']}"},
        cookies=_cookies_of(client),
    )


def _rows_at_the_desk(alice: User) -> dict[str, int]:
    """Return which row the back office is asked for, by model: alice's where they are people's."""
    order = Order.objects.filter(user=alice).order_by("-pk")[0]
    mug = Variant.objects.get(sku="mug")
    kind = ContentType.objects.get_for_model(User)
    return {
        "accounts.user": alice.pk,
        "auditlog.logentry": LogEntry.objects.filter(content_type=kind, object_id=alice.pk)[0].pk,
        "auth.group": Group.objects.get(name="Orders").pk,
        "catalog.category": Category.objects.get().pk,
        "catalog.option": Option.objects.get().pk,
        "catalog.optionvalue": OptionValue.objects.get().pk,
        "catalog.product": mug.product_id,
        "catalog.productimage": ProductImage.objects.get().pk,
        "catalog.variant": mug.pk,
        "events.schedule": Schedule.objects.create(
            name="shop.orders.tasks.expire_unpaid_orders", due_at=timezone.now()
        ).pk,
        "letters.letter": Letter.objects.get().pk,
        "inventory.stocklevel": StockLevel.objects.get(variant=mug).pk,
        "inventory.stocklocation": StockLocation.objects.get().pk,
        "inventory.stockmovement": StockMovement.objects.filter(level__variant=mug)[0].pk,
        "orders.order": order.pk,
        "reviews.review": Review.objects.get(user=alice).pk,
    }
