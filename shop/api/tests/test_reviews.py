"""Reviews: reading them, writing one, hiding one."""

from typing import Any

import pytest

from shop.accounts import actions as accounts
from shop.api.tests.calling import ROOT, Api, give_rights, id_of, mistakes, problem
from shop.catalog import actions as catalog
from shop.catalog.models import Product
from shop.reviews import actions as reviews
from shop.reviews.models import Review
from tests.builders import place, put_on_sale
from tests.queries import queries_named


@pytest.fixture
def mug(db: None) -> int:
    """A product; its id."""
    put_on_sale("mug")
    return Product.objects.get().id


def test_a_user_reviews_a_product_once(api: Api, alice: Any, mug: int) -> None:
    accounts.change_details(user_id=alice.id, details={"first_name": "Alice", "last_name": "Able"})
    body = {"product": mug, "rating": 4, "text": " <b>Good</b>\nmug. ", "bought_it": True}
    response = Api(alice).post("reviews/", body)
    review = Review.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "id": review.id,
        "product": mug,
        "rating": 4,
        "text": "<b>Good</b>\nmug.",
        "author": "Alice A.",
        "bought_it": False,
        "created_at": review.created_at.isoformat().replace("+00:00", "Z"),
    }
    assert api.get(f"reviews/{review.id}/").json() == response.json()
    assert api.get("reviews/").json() == {
        "next": None,
        "previous": None,
        "results": [response.json()],
    }
    again = Api(alice).post("reviews/", body | {"rating": 1})
    assert problem(again) == (409, "already_reviewed")
    assert Review.objects.get().rating == 4


def test_who_has_bought_it_wears_a_badge(alice: Any, mug: int) -> None:
    place({Product.objects.get().variants.get().id: 1}, user=alice)
    response = Api(alice).post("reviews/", {"product": mug, "rating": 5})
    assert response.json()["bought_it"] is True
    assert response.json()["text"] == ""


def test_strangers_learn_no_name_and_no_address(api: Api, alice: Any, mug: int) -> None:
    Api(alice).post("reviews/", {"product": mug, "rating": 5, "text": "Nice."})
    for path in ("reviews/", f"products/{mug}/"):
        text = api.get(path).content.decode()
        assert "alice" not in text.lower()
        assert "example.com" not in text


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        *(({"rating": rating}, {"rating"}) for rating in (0, 6, -1, 4.5, "x", None, True, 10**30)),
        ({"text": "x" * 5001}, {"text"}),
        ({"text": "a\0"}, {"text"}),
        ({"text": ["a"]}, {"text"}),
        ({"text": None}, {"text"}),
        ({"product": None}, {"product"}),
        ({"product": 2**63}, {"product"}),
    ],
    ids=id_of,
)
def test_what_cannot_be_read_is_no_review(
    alice: Any, mug: int, change: dict[str, Any], fields: set[str]
) -> None:
    response = Api(alice).post("reviews/", {"product": mug, "rating": 5} | change)
    assert mistakes(response) == fields
    assert not Review.objects.exists()


def test_what_is_not_there_is_not_reviewed(api: Api, alice: Any, mug: int) -> None:
    body = {"product": mug, "rating": 5}
    assert problem(api.post("reviews/", body)) == (401, "not_authenticated")
    unknown = Api(alice).post("reviews/", {"product": 9999, "rating": 5})
    assert problem(unknown) == (404, "unknown_product")
    catalog.set_published(product_ids=[mug], is_published=False)
    assert problem(Api(alice).post("reviews/", body)) == (404, "unknown_product")
    assert not Review.objects.exists()


def test_reviews_are_listed_by_product_and_page_by_page(
    api: Api, alice: Any, bob: Any, mug: int
) -> None:
    put_on_sale("cup")
    cup = Product.objects.get(name="Cup").id
    ids = [
        reviews.write(user_id=user.id, product_id=product, rating=5, text="")
        for user, product in [(alice, mug), (bob, mug), (alice, cup)]
    ]
    assert [review["id"] for review in api.get("reviews/").json()["results"]] == ids[::-1]
    first = api.get("reviews/", product=mug, page_size=1).json()
    assert [review["id"] for review in first["results"]] == [ids[1]]
    assert first["next"].startswith(f"{ROOT}/reviews/?")
    second = api.follow(first["next"]).json()
    assert [review["id"] for review in second["results"]] == [ids[0]]
    assert second["next"] is None
    assert problem(api.get("reviews/", product=9999)) == (404, "unknown_product")
    assert mistakes(api.get("reviews/", product="x")) == {"product"}


def test_reviews_of_a_hidden_product_are_hidden(api: Api, alice: Any, mug: int) -> None:
    review_id = reviews.write(user_id=alice.id, product_id=mug, rating=5, text="")
    catalog.set_published(product_ids=[mug], is_published=False)
    assert api.get("reviews/").json()["results"] == []
    assert problem(api.get("reviews/", product=mug)) == (404, "unknown_product")
    assert problem(api.get(f"reviews/{review_id}/")) == (404, "unknown_review")


def test_staff_hide_reviews_and_show_them_again(api: Api, alice: Any, sam: Any, mug: int) -> None:
    review_id = reviews.write(user_id=alice.id, product_id=mug, rating=5, text="")
    path = f"reviews/{review_id}/"
    for nobody in (Api(alice), Api(sam)):
        assert problem(nobody.patch(path, {"is_hidden": True})) == (403, "permission_denied")
    assert problem(api.patch(path, {"is_hidden": True})) == (401, "not_authenticated")
    staff = Api(give_rights(sam, "reviews.change_review"))
    response = staff.patch(path, {"is_hidden": True, "text": "changed"})
    assert response.json() == {"is_hidden": True, "id": review_id}
    assert problem(api.get(path)) == (404, "unknown_review")
    assert api.get(f"products/{mug}/").json()["review_count"] == 0
    assert staff.patch(path, {"is_hidden": False}).json()["is_hidden"] is False
    assert api.get(path).json()["text"] == ""
    assert mistakes(staff.patch(path, {"is_hidden": None})) == {"is_hidden"}
    assert mistakes(staff.patch(path, {})) == {"is_hidden"}
    assert problem(staff.patch("reviews/9999/", {"is_hidden": True})) == (404, "unknown_review")


def test_reviews_cost_one_query(api: Api, alice: Any, bob: Any, mug: int) -> None:
    for user in (alice, bob):
        reviews.write(user_id=user.id, product_id=mug, rating=5, text="")
    with queries_named() as names:
        api.get("reviews/")
    assert names == ["SELECT reviews_review"]
