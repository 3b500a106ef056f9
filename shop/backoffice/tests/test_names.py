"""Things are called alike in the menu, on the way to a page and in the audit log."""

from typing import Any

import pytest
from auditlog.models import LogEntry
from django.apps import apps
from django.core.management import call_command

from shop.backoffice.tests.desk import at_desk, boss_desk, list_of, member, page_of
from shop.catalog.models import Product
from shop.inventory.models import StockLevel, StockMovement
from shop.reviews.models import Review
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def review(alice: Any) -> Review:
    """What Maya says of a mug."""
    builders.put_on_sale("mug", name="Brass ballpoint", options=(("Size", "S"),))
    return Review.objects.create(
        product=Product.objects.get(), user=alice, author="Maya R.", rating=5
    )


def test_rows_are_called_what_people_call_them(review: Review) -> None:
    assert str(review) == "5 stars for Brass ballpoint by Maya R."
    review.rating, review.author = 1, ""
    assert str(review) == "1 star for Brass ballpoint"
    assert str(StockLevel.objects.get()) == "Brass ballpoint, S (mug) at Main"


def test_the_log_calls_them_that_too(review: Review) -> None:
    desk = boss_desk()
    LogEntry.objects.all().delete()
    desk.post(page_of(review, "hide"))
    assert LogEntry.objects.get().object_repr == "5 stars for Brass ballpoint by Maya R."


def test_the_way_to_a_page_is_called_as_in_the_menu() -> None:
    page = boss_desk().get(list_of(StockMovement)).content.decode()
    heading = page[page.index("<h1") : page.index("</h1>")]
    assert "Stock" in heading
    assert "Ledger" in heading
    assert apps.get_app_config("catalog").verbose_name == "Catalogue"


def test_names_want_no_migration() -> None:
    call_command("makemigrations", "accounts", "auditlog", "inventory", check=True, verbosity=0)


def test_the_history_of_a_row_is_in_the_audit_log(review: Review) -> None:
    desk = boss_desk()
    answer = desk.get(page_of(review, "history"))
    trail = f"{list_of(LogEntry)}?kind=reviews.review&object_id__exact={review.pk}"
    assert answer.headers["Location"] == trail
    # Nobody follows levels but their ledger.
    level = StockLevel.objects.get()
    assert desk.get(page_of(level, "history")).headers["Location"] == page_of(level)


def test_the_history_is_for_those_who_may_see_the_row(review: Review) -> None:
    clara = at_desk(member("clara", "Catalogue"))
    assert clara.get(page_of(review, "history")).headers["Location"] == page_of(review)
    assert at_desk(member("olga", "Orders")).get(page_of(review, "history")).status_code == 403
