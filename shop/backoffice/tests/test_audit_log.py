"""The audit log: every change with who did it, once; never a secret; read by those who may."""

from datetime import timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from shop.accounts.models import User
from shop.backoffice.auditing import FOLLOWED, ActorMiddleware
from shop.backoffice.tests.desk import (
    add_page,
    at_desk,
    boss,
    boss_desk,
    filled_in,
    list_of,
    member,
    once,
    page_of,
)
from shop.backoffice.tests.test_categories import picture
from shop.catalog.models import Category, Option, OptionValue, Product, ProductImage, Variant
from shop.inventory.models import StockLocation
from shop.reviews.models import Review
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def mug() -> Product:
    """A red mug, and a log in which nothing of it stands."""
    builders.put_on_sale("mug", options=(("Colour", "Red"),))
    LogEntry.objects.all().delete()
    return Product.objects.get()


def log() -> list[tuple[str, str, dict[str, Any]]]:
    """Return the log, the oldest entry first: who, what, and the changes."""
    LogEntry.objects.filter(content_type__model="user", action=0).delete()
    return [
        (entry.actor.username if entry.actor else "-", entry.content_type.model, entry.changes)
        for entry in LogEntry.objects.order_by("id").select_related("actor", "content_type")
    ]


def test_a_form_is_logged_with_its_author(mug: Product) -> None:
    desk = at_desk(member("anna", "Catalogue"))
    blue = OptionValue.objects.create(
        option=Option.objects.get(), code="blue", name="Blue", position=2
    )
    LogEntry.objects.all().delete()
    said = filled_in(desk.get(page_of(mug)))
    said |= {"name": "Cup", "variants-0-price": "9.00", "variants-0-options": [str(blue.pk)]}
    assert desk.post(page_of(mug), said).status_code == 302
    assert log() == [
        ("anna", "product", {"name": ["Mug", "Cup"]}),
        ("anna", "variant", {"price": ["12.50", "9.00"]}),
        ("anna", "variant", {"options": ["Colour: Red", "Colour: Blue"]}),
    ]
    assert set(LogEntry.objects.values_list("remote_addr", flat=True)) == {"127.0.0.1"}


def test_saving_what_is_as_it_was_logs_nothing(mug: Product) -> None:
    desk = boss_desk()
    said = filled_in(desk.get(page_of(mug)))
    assert desk.post(page_of(mug), said).status_code == 302
    assert log() == []


def test_what_is_refused_is_not_logged(mug: Product) -> None:
    desk = boss_desk()
    said = filled_in(desk.get(page_of(mug))) | {"name": "Cup", "variants-0-price": "-1"}
    assert desk.post(page_of(mug), said).status_code == 200
    assert log() == []


def test_buttons_whose_verbs_write_in_bulk_are_logged_once(mug: Product, alice: Any) -> None:
    review = Review.objects.create(product=mug, user=alice, rating=4)
    place = StockLocation.objects.get()
    desk = at_desk(member("anna", "Everything"))
    LogEntry.objects.all().delete()
    for row, name in (
        (mug, "hide"),
        (review, "hide"),
        (place, "deactivate"),
        (alice, "disable"),
    ):
        assert desk.post(page_of(row, name)).status_code == 302
    assert log() == [
        ("anna", "product", {"is_published": ["True", "False"]}),
        ("anna", "review", {"is_hidden": ["False", "True"]}),
        ("anna", "stocklocation", {"is_active": ["True", "False"]}),
        ("anna", "user", {"is_active": ["True", "False"]}),
    ]


def test_bulk_actions_are_logged_for_each_row_that_changed(mug: Product) -> None:
    builders.put_on_sale("jug")
    Product.objects.filter(code="jug").update(is_published=False)
    LogEntry.objects.all().delete()
    ids = list(Product.objects.values_list("pk", flat=True))
    said = {"action": "hide_from_shop", "index": "0", "_selected_action": ids}
    boss_desk().post(list_of(Product), said)
    assert log() == [("boss", "product", {"is_published": ["True", "False"]})]
    assert LogEntry.objects.get().object_id == mug.pk


def test_the_life_of_a_category_is_logged(mug: Product, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    desk = boss_desk()
    LogEntry.objects.all().delete()
    desk.post(add_page(Category), {"name": "Garden"})
    garden = Category.objects.get(name="Garden")
    above = Category.objects.get(name="Uncategorised")
    said = filled_in(desk.get(page_of(garden))) | {"name": "Yard", "parent": above.pk}
    desk.post(page_of(garden), said)
    desk.post(page_of(garden, "set-picture"), {"file": picture()})
    image = Category.objects.get(pk=garden.pk).image.name
    desk.post(page_of(garden, "remove"))
    entries = log()
    assert [(who, model) for who, model, _ in entries] == [("boss", "category")] * 4
    assert entries[0][2]["name"] == ["None", "Garden"]
    assert entries[1][2] == {"name": ["Garden", "Yard"], "parent": ["None", "Uncategorised"]}
    assert entries[2][2] == {"image": ["", image]}
    assert LogEntry.objects.latest("id").action == LogEntry.Action.DELETE


def test_pictures_places_and_options_are_logged(mug: Product, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    desk = boss_desk()
    LogEntry.objects.all().delete()
    desk.post(page_of(mug, "add-picture"), once() | {"file": picture(), "alt": "Mug"})
    image = ProductImage.objects.get()
    desk.post(page_of(image, "change-picture"), {"alt": "Cup", "position": "0"})
    desk.post(page_of(image, "remove-picture"))
    desk.post(add_page(StockLocation), {"name": "Shed", "code": "shed", "position": "1"})
    said = {
        "name": "Size",
        "code": "size",
        "position": "1",
        "values-TOTAL_FORMS": "0",
        "values-INITIAL_FORMS": "0",
    }
    desk.post(add_page(Option), said)
    assert [(who, model) for who, model, _ in log()] == [
        ("boss", "productimage"),
        ("boss", "productimage"),
        ("boss", "productimage"),
        ("boss", "stocklocation"),
        ("boss", "option"),
    ]


def test_rights_and_people_are_logged_but_no_secret(alice: Any) -> None:
    from django.contrib.auth.models import Group

    desk = boss_desk()
    LogEntry.objects.all().delete()
    desk.post(page_of(alice, "set-password"), {"password": "a quiet harbour 7"})
    assert log() == []
    group = Group.objects.get(name="Orders")
    said = filled_in(desk.get(page_of(alice)))
    said |= {"is_staff": "on", "groups": [str(group.pk)], "city": "Leeds", "address": "1 Quay"}
    desk.post(page_of(alice), said)
    changes = {name: value for _, _, found in log() for name, value in found.items()}
    assert changes == {
        "is_staff": ["False", "True"],
        "city": ["", "(private)"],
        "address": ["", "(private)"],
        "groups": {"type": "m2m", "operation": "add", "objects": ["Orders"]},
    }
    user = User.objects.get(pk=alice.pk)
    everything = str(list(LogEntry.objects.values()))
    assert user.password not in everything
    assert "1 Quay" not in everything


def test_signing_in_is_no_change(alice: Any) -> None:
    LogEntry.objects.all().delete()
    alice.last_login = timezone.now()
    alice.token_version += 1
    alice.save()
    assert not LogEntry.objects.exists()


def test_the_actor_is_asked_only_when_something_is_written() -> None:
    """And under /api/ it is whom the view found in the token, not who was there before it."""

    chief = boss()
    request = RequestFactory().post("/api/products/")
    looked: list[str] = []

    class Watched(HttpRequest):
        @property
        def user(self) -> Any:  # type: ignore[override]
            looked.append("user")
            return chief

    request.__class__ = type("Watched", (Watched, type(request)), {})

    def reads(_: HttpRequest) -> HttpResponse:
        return HttpResponse()

    def writes(_: HttpRequest) -> HttpResponse:
        Option.objects.create(code="size", name="Size")
        return HttpResponse()

    ActorMiddleware(reads)(request)
    assert looked == []
    LogEntry.objects.all().delete()
    ActorMiddleware(writes)(request)
    assert looked == ["user"]
    assert LogEntry.objects.get().actor == chief


def test_the_actor_of_the_api_is_who_the_token_says() -> None:
    from django.contrib.auth.models import AnonymousUser
    from rest_framework.authentication import BaseAuthentication
    from rest_framework.decorators import api_view, authentication_classes
    from rest_framework.response import Response

    chief = boss()

    class ByToken(BaseAuthentication):
        def authenticate(self, request: Any) -> tuple[Any, None]:  # noqa: ARG002
            return chief, None

    @api_view(["POST"])
    @authentication_classes([ByToken])
    def writes(request: Any) -> Response:
        Option.objects.create(code="size", name="Size")
        return Response({})

    request: Any = RequestFactory().post("/api/options/")
    request.user = AnonymousUser()
    LogEntry.objects.all().delete()
    ActorMiddleware(writes)(request)
    assert LogEntry.objects.get().actor == chief


def test_pages_for_everybody_have_no_actor() -> None:
    request: Any = RequestFactory().get("/products/")

    def writes(_: HttpRequest) -> HttpResponse:
        Option.objects.create(code="size", name="Size")
        return HttpResponse()

    request.user = boss()
    LogEntry.objects.all().delete()
    ActorMiddleware(writes)(request)
    assert LogEntry.objects.get().actor is None


def test_pages_for_everybody_ask_nothing_and_set_no_cookie() -> None:
    response = Client().get("/")
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")


def test_an_actor_does_not_outlast_the_request(mug: Product) -> None:
    boss_desk().post(page_of(mug, "hide"))
    LogEntry.objects.all().delete()
    Option.objects.create(code="size", name="Size")
    assert LogEntry.objects.get().actor is None


def test_the_log_is_read_by_person_time_kind_and_thing(mug: Product) -> None:
    chief, anna = boss(), member("anna", "Everything")
    LogEntry.objects.all().delete()
    at_desk(chief).post(page_of(mug, "hide"))
    at_desk(anna).post(page_of(mug, "show"))
    at_desk(anna).post(page_of(StockLocation.objects.get(), "deactivate"))
    old = LogEntry.objects.earliest("id")
    LogEntry.objects.filter(pk=old.pk).update(timestamp=timezone.now() - timedelta(days=40))
    desk = at_desk(chief)

    def found(**filters: Any) -> int:
        return len(desk.get(list_of(LogEntry), filters).context["cl"].result_list)

    assert found() == 3
    assert found(who="anna") == 2
    assert found(who="nobody") == 0
    assert found(kind="catalog.product") == 2
    assert found(kind="catalog.product", object_id__exact=mug.pk, who="boss") == 1
    assert found(timestamp__gte=str(timezone.now() - timedelta(days=1))) == 2
    assert found(kind="nonsense") == 3
    assert found(who="a\x00b") == 0


def test_an_entry_is_shown_whole_and_never_changed(mug: Product) -> None:
    script = "<script>alert(1)</script>"
    desk = boss_desk()
    said = filled_in(desk.get(page_of(mug))) | {"description": script}
    desk.post(page_of(mug), said)
    entry = LogEntry.objects.latest("id")
    page = desk.get(page_of(entry)).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert script not in page
    assert page_of(mug) in page
    assert desk.post(page_of(entry), {"changes": "{}"}).status_code == 403
    assert desk.post(f"/admin/auditlog/logentry/{entry.pk}/delete/").status_code == 403
    assert desk.get(add_page(LogEntry)).status_code == 403
    assert LogEntry.objects.get(pk=entry.pk).changes == entry.changes


def test_pages_lead_to_their_story(mug: Product) -> None:
    address = f"{list_of(LogEntry)}?kind=catalog.product&amp;object_id__exact={mug.pk}"
    assert address in boss_desk().get(page_of(mug)).content.decode()
    desk = at_desk(member("anna", "Catalogue"))
    assert list_of(LogEntry) not in desk.get(page_of(mug)).content.decode()


def test_imports_are_not_followed_row_by_row() -> None:
    builders.put_on_sale("mug", options=(("Colour", "Red"),))
    kinds = [ContentType.objects.get_for_model(model) for model in (Product, Variant)]
    assert not LogEntry.objects.filter(content_type__in=kinds).exists()


def test_everything_that_staff_can_change_is_followed() -> None:
    followed = {model._meta.label for model in FOLLOWED}
    assert followed == {
        "catalog.Category",
        "catalog.Product",
        "catalog.Variant",
        "catalog.ProductImage",
        "catalog.Option",
        "catalog.OptionValue",
        "events.Webhook",
        "inventory.StockLocation",
        "reviews.Review",
        "accounts.User",
    }
