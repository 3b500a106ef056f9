"""Who gets what in the back office: eight people, and rows made of what each model is for whom.

Nobody but staff comes in: others are led to the door, whatever they ask for. Staff without a right
are refused. `catalogue` and `orders` are members of the group of that name, sam of all groups; the
boss is a superuser.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.access.routes import Route
from tests.access.rows import METHODS, SIGN_IN, Row, Table, read_table

OUTSIDE = ("anonymous", "alice", "bob")
INSIDE = ("clerk", "catalogue", "orders", "sam", "boss")
PEOPLE = (*OUTSIDE, *INSIDE)

People = frozenset[str]
NOBODY: People = frozenset()
BOSS = frozenset({"boss"})
OFFICE = frozenset({"sam", "boss"})
SHELVES = OFFICE | {"catalogue"}
ORDERS = OFFICE | {"orders"}
ALL_DESKS = SHELVES | ORDERS

# What buttons answer to those who may press them: one that is pressed and done, one that asks
# whether it is meant, and one with a form, which is sent empty here.
CLICK = {"POST": "302"}
QUESTION = {"GET": "200", "POST": "302"}
FORM = {"GET": "200", "POST": "422"}


@dataclass(frozen=True, slots=True)
class Kind:
    """Who may look at the rows of a model, add some, change them, and press which button.

    An empty form is shown again, whatever it asks: it does not say what the row was.
    """

    view: People
    add: People = NOBODY
    change: People = NOBODY
    buttons: Mapping[str, tuple[Mapping[str, str], People]] = field(default_factory=dict)


STOCK_BUTTONS = dict.fromkeys(("receive", "count", "adjust", "move"), (FORM, SHELVES))

MODELS: Mapping[str, Kind] = {
    "accounts.user": Kind(
        view=ORDERS,
        add=OFFICE,
        change=OFFICE,
        buttons={
            "enable": (CLICK, OFFICE),
            "disable": (QUESTION, OFFICE),
            "set-password": (FORM, BOSS),
        },
    ),
    "auditlog.logentry": Kind(view=OFFICE),
    "auth.group": Kind(view=BOSS, add=BOSS, change=BOSS),
    "catalog.category": Kind(
        view=SHELVES,
        add=SHELVES,
        change=SHELVES,
        buttons={
            "set-picture": (FORM, SHELVES),
            "remove-picture": (QUESTION, SHELVES),
            "remove": (QUESTION, SHELVES),
        },
    ),
    "catalog.option": Kind(view=SHELVES, add=SHELVES, change=SHELVES),
    "catalog.optionvalue": Kind(view=SHELVES, add=SHELVES, change=SHELVES),
    "catalog.product": Kind(
        view=SHELVES,
        add=SHELVES,
        change=SHELVES,
        buttons={
            **STOCK_BUTTONS,
            "add-picture": (FORM, SHELVES),
            "show": (CLICK, SHELVES),
            "hide": (CLICK, SHELVES),
            "remove": (QUESTION, SHELVES),
        },
    ),
    "catalog.productimage": Kind(
        view=SHELVES,
        buttons={"change-picture": (FORM, SHELVES), "remove-picture": (QUESTION, SHELVES)},
    ),
    # Variants are added and changed on the page of their product.
    "catalog.variant": Kind(
        view=SHELVES,
        buttons={
            **STOCK_BUTTONS,
            "remove": (QUESTION, SHELVES),
        },
    ),
    "events.schedule": Kind(view=OFFICE),
    "events.delivery": Kind(view=OFFICE, buttons={"resend": (CLICK, OFFICE)}),
    "events.webhook": Kind(
        view=OFFICE,
        add=OFFICE,
        change=OFFICE,
        buttons={
            "send-test": (CLICK, OFFICE),
            "rotate-secret": (FORM, OFFICE),
            "enable": (CLICK, OFFICE),
            "disable": (QUESTION, OFFICE),
            "remove": (QUESTION, OFFICE),
        },
    ),
    "inventory.stocklevel": Kind(view=ALL_DESKS, buttons=STOCK_BUTTONS),
    "inventory.stocklocation": Kind(
        view=ALL_DESKS,
        add=SHELVES,
        change=SHELVES,
        buttons={"activate": (CLICK, SHELVES), "deactivate": (QUESTION, SHELVES)},
    ),
    "inventory.stockmovement": Kind(view=ALL_DESKS),
    "letters.letter": Kind(view=ORDERS, buttons={"again": (CLICK, ORDERS)}),
    "orders.order": Kind(
        view=ORDERS,
        buttons={
            "pay": (CLICK, ORDERS),
            "ship": (CLICK, ORDERS),
            "complete": (CLICK, ORDERS),
            "refund": (CLICK, ORDERS),
            "cancel": (QUESTION, ORDERS),
        },
    ),
    "reviews.review": Kind(
        view=SHELVES, buttons={"hide": (CLICK, SHELVES), "show": (CLICK, SHELVES)}
    ),
}

_OUT = "sign-in sign-in sign-in"
_STAFF = f"{_OUT} 200 200 200 200 200"
# Pages that belong to no model.
MATRIX: Table = {
    "admin/": {"ANY": _STAFF},
    "admin/search/": {"ANY": _STAFF},
    "admin/login/": {
        "GET": "200 200 200 302 302 302 302 302",
        "POST": "200 200 200 200 200 200 200 200",
        "PUT": "200 200 200 200 200 200 200 200",
        "ANY": "405 405 405 405 405 405 405 405",
    },
    # By way of the first page, which leads to the door.
    "admin/logout/": {
        "ANY": "302 302 302 405 405 405 405 405",
        "POST": "302 302 302 302 302 302 302 302",
    },
    "admin/password_change/": {"GET": _STAFF, "POST": _STAFF, "PUT": _STAFF},
    "admin/password_change/done/": {"GET": _STAFF},
    # Whoever may see the rows may look them up.
    "admin/autocomplete/": {"GET": f"{_OUT} 403 403 403 403 403"},
    "admin/autocomplete/ [people]": {"GET": f"{_OUT} 403 403 200 200 200"},
    "admin/autocomplete/ [categories]": {"GET": f"{_OUT} 403 200 403 200 200"},
    # How letters look, and one as it would be sent now.
    "admin/mail/": {"GET": f"{_OUT} 403 403 200 200 200"},
    "admin/mail/<int:letter_id>/": {"GET": f"{_OUT} 403 403 200 200 200"},
    "admin/jsi18n/": {"GET": _STAFF},
    # Nothing of the shop has a page on the site in this sense.
    "admin/r/<path:content_type_id>/<path:object_id>/": {"ANY": f"{_OUT} 404 404 404 404 404"},
    "admin/^app_list": {"ANY": f"{_OUT} 404 200 404 200 200"},
    "admin/^": {"ANY": f"{_OUT} 404 404 404 404 404"},
}
ADDRESSES = {
    "admin/search/": "admin/search/?s=a",
    "admin/autocomplete/ [people]": (
        "admin/autocomplete/?app_label=reviews&model_name=review&field_name=user&term=alice"
    ),
    "admin/autocomplete/ [categories]": (
        "admin/autocomplete/?app_label=catalog&model_name=product&field_name=category&term="
    ),
    "admin/r/<path:content_type_id>/<path:object_id>/": "admin/r/<content_type_id>/<user_id>/",
    "admin/^app_list": "admin/catalog/",
    "admin/^": "admin/nowhere/",
}

_NAME = re.compile(r"admin:([a-z]+)_([a-z]+)_([a-z-]+)")
_FORWARD = re.compile(r"admin/([a-z]+)/([a-z]+)/<path:object_id>/")
_ITS_OWN = ("changelist", "add", "history", "delete", "change")


def rows(routes: list[Route]) -> list[Row]:
    """Return the rows of the back office: those of the table, and those made of its routes."""
    made = [row for route in routes if (row := made_row(route))]
    others = f"{_OUT} 405 405 405 405 405"
    said = read_table(MATRIX, PEOPLE, bodies={}, addresses=ADDRESSES, others=others)
    return [*said, *made]


def made_row(route: Route) -> Row | None:
    """Return the row of a model's route, None where MODELS does not speak of it."""
    label, verb = place_of(route)
    kind = MODELS.get(label)
    if kind is None or not (verb in _ITS_OWN or verb in kind.buttons or not verb):
        return None
    return Row(
        route=route.address,
        case=label,
        cells={method: _cells(kind, verb, method) for method in METHODS},
        address=route.address,
    )


def place_of(route: Route) -> tuple[str, str]:
    """Return the model and the verb of a route: `("catalog.product", "add")`.

    The verb is empty for the address that only leads on to a row's page; both are where the route
    belongs to no model.
    """
    found = _NAME.fullmatch(route.name)
    if found and route.address.startswith(f"admin/{found[1]}/{found[2]}/"):
        return f"{found[1]}.{found[2]}", found[3]
    if not route.name and (found := _FORWARD.fullmatch(route.address)):
        return f"{found[1]}.{found[2]}", ""
    return "", ""


def _cells(kind: Kind, verb: str, method: str) -> dict[str, str]:
    people, status = _rule(kind, verb, method)
    inside = {name: status if name in people else "403" for name in INSIDE}
    return dict.fromkeys(OUTSIDE, SIGN_IN) | inside


def _rule(kind: Kind, verb: str, method: str) -> tuple[People, str]:
    """Return who is let in at a verb, and what they get; the others are refused.

    Django's own pages take every method but POST for a look.
    """
    if verb in kind.buttons:
        answers, people = kind.buttons[verb]
        return people, answers.get(method, "405")
    if verb == "change" and method == "POST":
        return kind.change, "200"
    return {
        "": (frozenset(INSIDE), "302"),
        "changelist": (kind.view, "200"),
        # It leads to the audit log, or to the row where the log is not for them.
        "history": (kind.view, "302"),
        "add": (kind.add, "200"),
        "change": (kind.view, "200"),
        # Removing is for buttons, which ask an action.
        "delete": (NOBODY, ""),
    }[verb]
