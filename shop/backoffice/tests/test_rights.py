"""Who of the staff may do what: three groups, and nobody gives rights to themselves."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.test import Client

from shop.accounts.models import User
from shop.backoffice.rights import GROUPS, make_groups
from shop.backoffice.tests.desk import (
    ALL_GROUPS,
    add_page,
    all_admins,
    at_desk,
    boss,
    filled_in,
    list_of,
    member,
    page_of,
)
from shop.catalog.models import Category, Option, Product
from shop.inventory.models import StockLevel, StockLocation, StockMovement
from shop.letters.models import Letter
from shop.orders.models import Order
from shop.reviews.models import Review
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.once]

# Lists that each group can open; the others answer 403 and are not in the menu.
LISTS: dict[str, set[str]] = {
    "Catalogue": {
        "catalog.category",
        "catalog.product",
        "catalog.variant",
        "catalog.productimage",
        "catalog.option",
        "catalog.optionvalue",
        "inventory.stocklevel",
        "inventory.stocklocation",
        "inventory.stockmovement",
        "reviews.review",
    },
    "Orders": {
        "orders.order",
        "letters.letter",
        "accounts.user",
        "inventory.stocklevel",
        "inventory.stocklocation",
        "inventory.stockmovement",
    },
}
_INTEGRATIONS = {"events.webhook", "events.delivery"}
LISTS["Everything"] = LISTS["Catalogue"] | LISTS["Orders"] | _INTEGRATIONS
LISTS["Everything"] |= {"auditlog.logentry", "events.schedule"}
LISTS["nobody"] = set()
# Buttons that each group can press.
BUTTONS: dict[str, set[str]] = {
    "Catalogue": {
        "catalog.category",
        "catalog.product",
        "catalog.variant",
        "catalog.productimage",
        "inventory.stocklocation",
        "inventory.stocklevel",
        "reviews.review",
    },
    "Orders": {"orders.order", "letters.letter"},
}
BUTTONS["Everything"] = BUTTONS["Catalogue"] | BUTTONS["Orders"] | _INTEGRATIONS | {"accounts.user"}
BUTTONS["nobody"] = set()
IN_MENU = {
    "orders.order",
    "letters.letter",
    "events.schedule",
    "catalog.product",
    "catalog.category",
    "catalog.option",
    "reviews.review",
    "inventory.stocklevel",
    "inventory.stocklocation",
    "inventory.stockmovement",
    "accounts.user",
    "auditlog.logentry",
    *_INTEGRATIONS,
}


@pytest.fixture
def rows(tmp_path: Any, settings: Any, alice: Any) -> dict[str, Any]:
    """One row of everything that has buttons."""
    from shop.backoffice.tests.test_categories import picture
    from shop.catalog import actions as catalog
    from shop.catalog.models import ProductImage, Variant

    settings.MEDIA_ROOT = tmp_path
    mug = builders.put_on_sale("mug")
    product = Product.objects.get()
    catalog.add_picture(product_id=product.pk, file=picture())
    order = Order.objects.get(pk=builders.place({mug: 1}))
    review = Review.objects.create(product=product, user=alice, rating=4, text="Good")
    hook, delivery = builders.one_delivery()
    found = [
        Category.objects.get(),
        product,
        Variant.objects.get(),
        ProductImage.objects.get(),
        StockLocation.objects.get(),
        StockLevel.objects.get(),
        review,
        order,
        Letter.objects.create(
            kind="placed", order=order, recipient=order.email, written_at=order.placed_at
        ),
        alice,
        hook,
        delivery,
    ]
    return {row._meta.label_lower: row for row in found}


def who(group: str) -> Any:
    return member("someone", *([group] if group in ALL_GROUPS else []))


@pytest.mark.parametrize("group", LISTS)
def test_lists_are_open_to_those_who_may_see_them(group: str, rows: dict[str, Any]) -> None:
    desk = at_desk(who(group))
    menu = desk.get("/admin/").content.decode()
    for admin in all_admins():
        name = admin.model._meta.label_lower
        is_open = name in LISTS[group]
        assert desk.get(list_of(admin.model)).status_code == (200 if is_open else 403), name
        listed = f'href="{list_of(admin.model)}"' in menu
        assert listed == (is_open and name in IN_MENU), name
        if name in rows:
            assert desk.get(page_of(rows[name])).status_code == (200 if is_open else 403), name


@pytest.mark.parametrize("group", BUTTONS)
def test_buttons_ask_for_the_right_themselves(group: str, rows: dict[str, Any]) -> None:
    desk = at_desk(who(group))
    for admin in all_admins():
        name = admin.model._meta.label_lower
        for button in admin.buttons:
            if button.name == "set-password":
                continue
            response = desk.head(page_of(rows[name], button.name))
            allowed = {200} if button.asks else {405}
            assert response.status_code in (allowed if name in BUTTONS[group] else {403}), (
                name,
                button.name,
            )


@pytest.mark.parametrize("group", BUTTONS)
def test_who_may_not_press_changes_nothing(group: str, rows: dict[str, Any]) -> None:
    from shop.orders.tests.records import everything

    desk = at_desk(who(group))
    before = everything()
    for admin in all_admins():
        name = admin.model._meta.label_lower
        for button in admin.buttons:
            if name not in BUTTONS[group]:
                response = desk.post(page_of(rows[name], button.name))
                assert response.status_code == 403, (name, button.name)
    assert everything() == before


def test_every_button_has_a_row_in_these_tests(rows: dict[str, Any]) -> None:
    assert {a.model._meta.label_lower for a in all_admins() if a.buttons} == set(rows)


def addresses(rows: dict[str, Any]) -> list[str]:
    found = ["/admin/", "/admin/search/?s=a", "/admin/autocomplete/", "/admin/password_change/"]
    for admin in all_admins():
        found += [list_of(admin.model), add_page(admin.model)]
        row = rows.get(admin.model._meta.label_lower)
        found += [page_of(row, button.name) for button in admin.buttons]
    return found


def test_strangers_and_shoppers_are_sent_to_the_door(rows: dict[str, Any], bob: Any) -> None:
    visitor, shopper = Client(), at_desk(bob)
    for address in addresses(rows):
        for client in (visitor, shopper):
            for answer in (client.get(address), client.post(address)):
                assert answer.status_code == 302, address
                assert answer.headers["Location"].startswith("/admin/login/"), address


def test_whoever_is_locked_out_is_out_at_once() -> None:
    from shop.accounts import actions

    anna = member("anna", "Everything")
    desk = at_desk(anna)
    assert desk.get("/admin/").status_code == 200
    actions.set_active(user_ids=[anna.pk], is_active=False)
    assert desk.get("/admin/").status_code == 302


def test_nobody_raises_their_own_rights() -> None:
    anna = member("anna", "Everything")
    desk = at_desk(anna)
    said = {
        "username": "anna",
        "email": "anna@example.com",
        "is_staff": "on",
        "is_superuser": "on",
        "groups": [str(pk) for pk in Group.objects.values_list("pk", flat=True)],
    }
    assert desk.post(page_of(anna), said).status_code == 403
    assert desk.get(list_of(Group)).status_code == 403
    own = Group.objects.get(name="Everything")
    assert desk.post(page_of(own), {"name": "x"}).status_code == 403
    anna.refresh_from_db()
    assert not anna.is_superuser
    assert [group.name for group in anna.groups.all()] == ["Everything"]


def test_only_superusers_give_rights(alice: Any) -> None:
    desk = at_desk(member("anna", "Everything"))
    said = filled_in(desk.get(page_of(alice)))
    assert not {"is_staff", "is_superuser", "groups"} & said.keys()
    said |= {"first_name": "Alice", "is_staff": "on", "is_superuser": "on", "groups": ["1"]}
    assert desk.post(page_of(alice), said).status_code == 302
    alice.refresh_from_db()
    assert (alice.first_name, alice.is_staff, alice.is_superuser) == ("Alice", False, False)
    assert not alice.groups.exists()


def test_a_superuser_gives_rights_but_not_to_themselves(alice: Any) -> None:
    chief = boss()
    desk = at_desk(chief)
    orders = Group.objects.get(name="Orders")
    said = filled_in(desk.get(page_of(alice))) | {"is_staff": "on", "groups": [str(orders.pk)]}
    assert desk.post(page_of(alice), said).status_code == 302
    alice.refresh_from_db()
    assert alice.is_staff
    assert list(alice.groups.all()) == [orders]
    said = filled_in(desk.get(page_of(chief)))
    assert desk.post(page_of(chief), said).status_code == 302
    chief.refresh_from_db()
    assert chief.is_superuser


def test_staff_do_not_change_other_staff(rows: dict[str, Any]) -> None:
    chief, anna = boss(), member("anna", "Everything")
    desk = at_desk(anna)
    for person in (chief, anna, member("otto", "Orders")):
        assert desk.post(page_of(person), {"email": "mine@example.com"}).status_code == 403
        assert desk.post(page_of(person, "disable")).status_code == 403
        assert desk.post(page_of(person, "set-password"), {"password": "x"}).status_code == 403
    assert not User.objects.filter(email="mine@example.com").exists()
    assert User.objects.filter(is_active=False).count() == 0


def test_nobody_locks_themselves_out() -> None:
    chief = boss()
    desk = at_desk(chief)
    assert page_of(chief, "disable") not in desk.get(page_of(chief)).content.decode()
    assert desk.post(page_of(chief, "disable")).status_code == 403


def test_a_group_that_is_there_stays_as_the_merchant_made_it() -> None:
    catalogue, everything = (Group.objects.get(name=n) for n in ("Catalogue", "Everything"))
    right = Permission.objects.get(codename="delete_product")
    catalogue.permissions.remove(right)
    everything.permissions.remove(right)
    make_groups(using="default")
    assert right not in catalogue.permissions.all()
    assert right in everything.permissions.all()


def test_groups_are_made_anew_where_there_are_none() -> None:
    Group.objects.all().delete()
    call_command("migrate", verbosity=0)
    assert set(Group.objects.values_list("name", flat=True)) == set(GROUPS)
    for name, rights in GROUPS.items():
        wanted = sum(len(verbs) for verbs in rights.values())
        assert Group.objects.get(name=name).permissions.count() == wanted, name


def test_no_group_hands_out_rights() -> None:
    given = Permission.objects.filter(group__name__in=GROUPS)
    assert not given.filter(content_type__app_label="auth").exists()
    assert not given.filter(content_type__model__in=["user"], codename="delete_user").exists()


def test_stock_can_be_seen_but_not_moved_by_those_who_handle_orders(rows: dict[str, Any]) -> None:
    desk = at_desk(member("olga", "Orders"))
    assert desk.get(list_of(StockLevel)).status_code == 200
    assert desk.get(list_of(StockMovement)).status_code == 200
    assert desk.post(page_of(rows["catalog.product"], "receive")).status_code == 403
    assert desk.get(add_page(Option)).status_code == 403
