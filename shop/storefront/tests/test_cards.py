"""Cards are kept as they are drawn, so nothing of whoever looks can be in them."""

from typing import Any

import pytest
from django.template.base import Template
from django.test import Client
from django.utils import translation

from shop.catalog.models import Variant
from shop.lib.public import parts
from shop.storefront.cards import CARDS, drawn
from tests.builders import put_on_sale

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def test_the_template_of_a_card_knows_the_card_and_nothing_else(
    client: Client, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    contexts: list[dict[str, Any]] = []
    render = Template.render

    def note(template: Any, context: Any) -> Any:
        if template.name == "storefront/parts/card.html":
            contexts.append(context.flatten())
        return render(template, context)

    monkeypatch.setattr(Template, "render", note)
    put_on_sale("mug")
    client.force_login(alice)
    client.get("/products/", headers={"Authorization": "Bearer x"})
    (context,) = contexts
    assert context.keys() == {"True", "False", "None", "card"}


def test_cards_of_what_is_not_on_show_are_missing() -> None:
    mug = put_on_sale("mug", is_published=False)
    product_id = Variant.objects.get(id=mug).product_id
    assert drawn([product_id, 4711]) == {}


def test_each_language_has_cards_of_its_own(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.KEEP_PAGES = True
    monkeypatch.setattr(parts, "_shelf", parts._Shelf())
    product_id = Variant.objects.get(id=put_on_sale("mug", price="1234.50")).product_id
    with parts.in_use():
        english = drawn([product_id])[product_id].markup
        with translation.override("de"):
            german = drawn([product_id])[product_id].markup
        assert drawn([product_id])[product_id].markup == english
    assert "£1,234.50" in english
    assert "1.234,50" in german


def test_what_a_card_weighs_is_at_least_what_its_markup_takes() -> None:
    product_id = Variant.objects.get(id=put_on_sale("mug", name="Mug \U0001f375")).product_id
    card = drawn([product_id])[product_id]
    # In Python's memory each letter takes as much as the widest one.
    assert CARDS.weigh(card) >= card.markup.__sizeof__()
