"""Staff receive and correct stock, and read the ledger; every unit has its movement."""

from typing import Any

import pytest

from shop.backoffice.tests.desk import (
    at_desk,
    boss_desk,
    filled_in,
    list_of,
    member,
    once,
    page_of,
    sentences,
)
from shop.catalog.models import Product, Variant
from shop.inventory.models import StockLevel, StockLocation, StockMovement
from shop.inventory.rules import LARGEST_STOCK
from shop.inventory.tests.stock import everything, in_stock, levels, movements
from shop.lib.caches.errors import CacheAwayError
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def mug() -> Product:
    """Ten mugs in the main place."""
    builders.put_on_sale("mug")
    return Product.objects.get()


def said(**more: Any) -> dict[str, Any]:
    variant = Variant.objects.get()
    return {"variant": variant.pk, "location": "main", **once(), **more}


def test_a_delivery_is_received_on_the_page_of_its_product(mug: Product) -> None:
    anna = member("anna", "Catalogue")
    response = at_desk(anna).post(page_of(mug, "receive"), said(quantity="5", reference="D-77"))
    assert response.headers["Location"] == page_of(mug)
    assert sentences(response) == ["5 received."]
    assert levels() == [("mug", "main", 15, 0)]
    assert movements()[-1] == ("mug", "main", 5, "received", "D-77", "anna")
    assert builders.breaches() == []


def test_stock_is_corrected_with_a_reason(mug: Product) -> None:
    variant = Variant.objects.get()
    response = boss_desk().post(page_of(variant, "adjust"), said(change="-3", reason="broken"))
    assert response.headers["Location"] == page_of(variant)
    assert levels() == [("mug", "main", 7, 0)]
    assert movements()[-1] == ("mug", "main", -3, "adjusted", "broken", "boss")
    assert builders.breaches() == []


def test_what_was_counted_is_what_there_is(mug: Product) -> None:
    variant = Variant.objects.get()
    desk = boss_desk()
    answer = desk.post(page_of(variant, "count"), said(counted="7", reference="autumn"))
    assert sentences(answer) == ["Stock set to 7."]
    assert levels() == [("mug", "main", 7, 0)]
    assert movements()[-1] == ("mug", "main", -3, "counted", "autumn", "boss")
    before = everything()
    again = desk.post(page_of(variant, "count"), said(counted="7", reference="autumn"))
    assert sentences(again)[-1] == "It was just as many."
    assert everything() == before
    assert builders.breaches() == []


def test_what_is_promised_cannot_be_counted_away(mug: Product) -> None:
    builders.place({Variant.objects.get().pk: 4})
    before = everything()
    response = boss_desk().post(page_of(mug, "count"), said(counted="3", reference="autumn"))
    assert response.status_code == 422
    sentence = "10 lie there and 4 are promised: at most 6 can go."
    assert response.context["form"].errors == {"counted": [sentence]}
    assert everything() == before


def test_stock_is_moved_to_another_place(mug: Product) -> None:
    StockLocation.objects.create(code="shed", name="Shed")
    response = boss_desk().post(
        page_of(mug, "move"), said(to="shed", quantity="4", reason="for the fair")
    )
    assert sentences(response) == ["4 moved."]
    assert levels() == [("mug", "main", 6, 0), ("mug", "shed", 4, 0)]
    assert movements()[-2:] == [
        ("mug", "main", -4, "moved", "for the fair", "boss"),
        ("mug", "shed", 4, "moved", "for the fair", "boss"),
    ]
    assert builders.breaches() == []


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"quantity": "11"}, "quantity", "10 lie there and 0 are promised: at most 10 can go."),
        ({"quantity": "0"}, "quantity", "Ensure this value is greater than or equal to 1."),
        ({"to": "main"}, "to", "It lies there already: please choose another place."),
        ({"to": ""}, "to", "This field is required."),
    ],
)
def test_impossible_moves_are_refused(
    mug: Product, wrong: dict[str, str], field: str, sentence: str
) -> None:
    StockLocation.objects.create(code="shed", name="Shed")
    before = everything()
    form = said(**({"to": "shed", "quantity": "1", "reason": "fair"} | wrong))
    response = boss_desk().post(page_of(mug, "move"), form)
    assert response.status_code == 422
    assert response.context["form"].errors == {field: [sentence]}
    assert everything() == before


def test_a_form_is_booked_once(mug: Product) -> None:
    desk, form = boss_desk(), said(quantity="5", reference="D-77")
    assert desk.post(page_of(mug, "receive"), form).status_code == 302
    again = desk.post(page_of(mug, "receive"), form)
    assert again.headers["Location"] == page_of(mug)
    assert sentences(again)[-1] == "This was done already."
    assert levels() == [("mug", "main", 15, 0)]
    assert desk.post(page_of(mug, "receive"), form | once()).status_code == 302
    assert levels() == [("mug", "main", 20, 0)]


def test_the_token_of_one_person_does_not_stop_another(mug: Product) -> None:
    form = said(quantity="5", reference="D-77")
    for desk in (boss_desk(), at_desk(member("anna", "Catalogue"))):
        assert sentences(desk.post(page_of(mug, "receive"), form)) == ["5 received."]
    assert levels() == [("mug", "main", 20, 0)]


def test_what_was_refused_can_be_sent_again(mug: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    from shop.inventory import actions
    from shop.lib.refusals import Busy

    def busy(**_: Any) -> None:
        raise Busy

    desk, form = boss_desk(), said(quantity="5", reference="D-77")
    with monkeypatch.context() as patched:
        patched.setattr(actions, "receive", busy)
        assert desk.post(page_of(mug, "receive"), form).status_code == 422
    assert sentences(desk.post(page_of(mug, "receive"), form)) == ["5 received."]
    assert levels() == [("mug", "main", 15, 0)]


def test_every_form_is_shown_with_a_token_of_its_own(mug: Product) -> None:
    desk = boss_desk()
    pages = [desk.get(page_of(mug, "receive")).context["form"] for _ in range(2)]
    assert pages[0]["once"].value() != pages[1]["once"].value()
    answer = desk.post(page_of(mug, "receive"), said(quantity="5", reference="x", once=""))
    assert answer.status_code == 422
    assert levels() == [("mug", "main", 10, 0)]


def test_a_shop_whose_cache_is_away_still_books(
    mug: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> bool:
        raise CacheAwayError

    monkeypatch.setattr("shop.backoffice.once.cache.add", away)
    response = boss_desk().post(page_of(mug, "adjust"), said(change="-3", reason="broken"))
    assert response.status_code == 302
    assert levels() == [("mug", "main", 7, 0)]


def test_a_level_is_received_and_corrected_on_its_own_page(mug: Product) -> None:
    builders.put_on_sale("mug", location="shed", stock=3)
    shed = StockLevel.objects.get(location__code="shed")
    desk = boss_desk()
    page = desk.get(page_of(shed)).content.decode()
    assert "Mug (mug) at Shed" in page
    for address in (
        page_of(shed, "receive"),
        page_of(shed, "adjust"),
        page_of(mug),
        f"{list_of(StockMovement)}?level__id__exact={shed.pk}",
    ):
        assert f'href="{address}"' in page, address
    asked = desk.get(page_of(shed, "adjust"))
    assert asked.context["form"]["location"].value() == "shed"
    shown = [(row["level"].location.code, row["available"]) for row in asked.context["form"].stock]
    assert shown == [("main", 10), ("shed", 3)]
    answer = said(change="-1", reason="broken", location="shed")
    assert desk.post(page_of(shed, "adjust"), answer).headers["Location"] == page_of(shed)
    assert levels() == [("mug", "main", 10, 0), ("mug", "shed", 2, 0)]


def test_products_are_no_links_for_those_who_may_not_see_them(mug: Product) -> None:
    desk = at_desk(member("olga", "Orders"))
    for address in (list_of(StockLevel), page_of(StockLevel.objects.get())):
        page = desk.get(address)
        assert page.status_code == 200
        assert page_of(mug) not in page.content.decode()


@pytest.mark.parametrize("quantity", ["0", "-1", "1.5", "abc", "", str(10**30), "null"])
def test_impossible_deliveries_are_refused(mug: Product, quantity: str) -> None:
    before = everything()
    response = boss_desk().post(page_of(mug, "receive"), said(quantity=quantity, reference="x"))
    assert response.status_code == 422
    assert everything() == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"change": "0"},
        {"change": "-11"},
        {"change": "abc"},
        {"change": str(LARGEST_STOCK)},
        {"reason": ""},
        {"reason": "x" * 201},
        {"reason": "a\x00b"},
        {"location": "nowhere"},
        {"variant": "999999"},
        {"variant": "abc"},
    ],
)
def test_impossible_corrections_are_refused(mug: Product, wrong: dict[str, str]) -> None:
    before = everything()
    response = boss_desk().post(
        page_of(mug, "adjust"), said(**({"change": "1", "reason": "found"} | wrong))
    )
    assert response.status_code == 422
    assert everything() == before


def test_what_is_promised_cannot_be_corrected_away(mug: Product) -> None:
    builders.place({Variant.objects.get().pk: 4})
    before = everything()
    response = boss_desk().post(page_of(mug, "adjust"), said(change="-7", reason="lost"))
    assert response.status_code == 422
    sentence = "10 lie there and 4 are promised: at most 6 can go."
    assert response.context["form"].errors == {"change": [sentence]}
    assert everything() == before


def test_another_products_variant_is_no_choice(mug: Product) -> None:
    other = builders.put_on_sale("jug")
    before = everything()
    answer = {"variant": other, "location": "main", "quantity": "1", "reference": "x", **once()}
    assert boss_desk().post(page_of(mug, "receive"), answer).status_code == 422
    assert everything() == before


def test_the_page_of_a_product_shows_what_lies_where(mug: Product) -> None:
    builders.put_on_sale("mug", location="shed", stock=3)
    page = boss_desk().get(page_of(mug))
    shown = [
        (row["level"].location.code, row["level"].on_hand, row["available"])
        for row in page.context["shop_stock"]
    ]
    assert shown == [("main", 10, 10), ("shed", 3, 3)]


def test_a_place_stops_selling_and_sells_again(mug: Product) -> None:
    desk, place = boss_desk(), StockLocation.objects.get()
    assert desk.post(page_of(place, "deactivate")).status_code == 302
    assert in_stock() == {"mug": False}
    assert desk.post(page_of(place, "activate")).status_code == 302
    assert in_stock() == {"mug": True}
    assert builders.breaches() == []


def test_a_form_cannot_switch_a_place_off(mug: Product) -> None:
    desk, place = boss_desk(), StockLocation.objects.get()
    form = filled_in(desk.get(page_of(place))) | {"name": "Hall", "is_active": "", "code": "x"}
    assert desk.post(page_of(place), form).status_code == 302
    place.refresh_from_db()
    assert (place.name, place.code, place.is_active) == ("Hall", "main", True)


def test_the_ledger_is_read_only(mug: Product) -> None:
    desk, movement = boss_desk(), StockMovement.objects.get()
    before = everything()
    page = desk.get(page_of(movement))
    assert page.status_code == 200
    assert desk.post(page_of(movement), {"quantity": "99"}).status_code == 403
    assert desk.post(page_of(StockLevel.objects.get()), {"on_hand": "99"}).status_code == 403
    assert everything() == before


def test_the_ledger_of_one_level_is_shown(mug: Product) -> None:
    builders.put_on_sale("jug")
    level = StockLevel.objects.get(variant__sku="mug")
    listed = boss_desk().get(list_of(StockMovement), {"level__id__exact": level.pk})
    assert [row.level_id for row in listed.context["cl"].result_list] == [level.pk]


@pytest.mark.parametrize(
    ("left", "skus"), [("none", ["jug"]), ("low", ["bowl"]), ("enough", ["mug"]), ("x", 3)]
)
def test_levels_are_found_by_what_is_left(mug: Product, left: str, skus: Any) -> None:
    builders.put_on_sale("bowl", stock=5)
    builders.place({builders.put_on_sale("jug", stock=1): 1})
    rows = boss_desk().get(list_of(StockLevel), {"left": left}).context["cl"].result_list
    assert ([row.variant.sku for row in rows] if left != "x" else len(rows)) == skus


def test_how_little_is_little_is_for_the_merchant_to_say(mug: Product, settings: Any) -> None:
    settings.LOW_STOCK = 10
    desk = boss_desk()
    low, enough = (desk.get(list_of(StockLevel), {"left": left}) for left in ("low", "enough"))
    assert [len(page.context["cl"].result_list) for page in (low, enough)] == [1, 0]
    assert "10 or fewer" in low.content.decode()
    shown = desk.get("/admin/").context
    assert [(item.variant.sku, item.available) for item in shown["low_stock"]] == [("mug", 10)]
