"""Pictures of products and categories, sent as staff send them."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from shop.api.tests.calling import Api, give_rights, mistakes, problem
from shop.catalog.models import Category, Product, ProductImage
from tests.builders import put_on_sale

pytestmark = pytest.mark.once

RIGHTS = [f"catalog.{verb}_productimage" for verb in ("add", "change", "delete")]


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    """A folder for the pictures of one test."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def staff(sam: Any) -> Api:
    """A member of staff who may change pictures."""
    return Api(give_rights(sam, *RIGHTS, "catalog.change_category"))


@pytest.fixture
def mug(db: None) -> int:
    """A product; its id."""
    put_on_sale("mug")
    return Product.objects.get().id


def picture(width: int = 400, height: int = 300, *, name: str = "mug.png") -> SimpleUploadedFile:
    data = BytesIO()
    Image.new("RGB", (width, height), "teal").save(data, "PNG")
    return SimpleUploadedFile(name, data.getvalue(), content_type="image/png")


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_product_gets_a_picture(staff: Api, mug: int) -> None:
    response = staff.upload(f"products/{mug}/pictures/", file=picture(), alt="A teal mug", x="y")
    kept = ProductImage.objects.get()
    url = f"http://testserver/media/{kept.file.name}"
    assert response.status_code == 201
    assert response.json() == {
        "id": kept.id,
        "url": url,
        "alt": "A teal mug",
        "width": 400,
        "height": 300,
        "variant": None,
        "position": 0,
        "sources": [],
    }
    assert url.endswith(".webp")
    seen = Api().get(f"products/{mug}/").json()
    assert (seen["image"], seen["pictures"]) == (url, [response.json()])


def test_renditions_have_absolute_addresses(staff: Api, mug: int) -> None:
    staff.upload(f"products/{mug}/pictures/", file=picture())
    ProductImage.objects.update(widths=[320, 400])
    (shown,) = Api().get(f"products/{mug}/").json()["pictures"]
    stem = shown["url"].removesuffix(".webp")
    assert shown["sources"] == [
        {"type": "image/avif", "srcset": f"{stem}-320.avif 320w, {stem}-400.avif 400w"},
        {"type": "image/webp", "srcset": f"{stem}-320.webp 320w, {stem}-400.webp 400w"},
    ]


def test_a_picture_shows_a_variant(staff: Api, mug: int) -> None:
    variant = Product.objects.get().variants.get().id
    path = f"products/{mug}/pictures/"
    shown = staff.upload(path, file=picture(), variant=variant)
    assert shown.json()["variant"] == variant
    other = put_on_sale("cup")
    refused = staff.upload(path, file=picture(), variant=other)
    assert problem(refused) == (404, "unknown_variant")
    assert ProductImage.objects.count() == 1


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (SimpleUploadedFile("a.jpg", b"just text", content_type="image/jpeg"), "not_a_picture"),
        (
            SimpleUploadedFile("a.png", b"<svg onload='alert(1)'/>", content_type="image/png"),
            "not_a_picture",
        ),
        (SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\nbroken", content_type="x"), "damaged"),
        (picture(20, 20), "too_small"),
    ],
    ids=["text", "svg", "broken", "small"],
)
def test_what_is_no_picture_is_refused(
    staff: Api, mug: int, media: Path, file: SimpleUploadedFile, code: str
) -> None:
    file.seek(0)
    response = staff.upload(f"products/{mug}/pictures/", file=file)
    assert problem(response) == (422, "invalid_picture")
    assert response.json()["data"]["problem"] == code
    assert not ProductImage.objects.exists()
    assert not files(media)


def test_a_form_that_is_too_large_is_refused(staff: Api, mug: int, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 1_000
    large = SimpleUploadedFile("a.png", b"\0" * 2_000)
    response = staff.upload(f"products/{mug}/pictures/", file=large)
    assert problem(response) == (413, "too_large")


def test_what_cannot_be_read_is_said(staff: Api, mug: int) -> None:
    path = f"products/{mug}/pictures/"
    assert mistakes(staff.upload(path)) == {"file"}
    assert mistakes(staff.upload(path, file="text")) == {"file"}
    assert mistakes(staff.upload(path, file=picture(), alt="x" * 201)) == {"alt"}
    assert mistakes(staff.upload(path, file=picture(), alt="a\0")) == {"alt"}
    assert mistakes(staff.upload(path, file=picture(), variant="x")) == {"variant"}
    assert problem(staff.post(path, {"file": "x"})) == (415, "unsupported_media_type")
    broken = staff.send("POST", path, b"--x", content_type="multipart/form-data; boundary=y")
    assert problem(broken)[0] == 400
    without = staff.send("POST", path, b"--x", content_type="multipart/form-data")
    assert problem(without) == (400, "malformed")
    assert problem(staff.upload("products/9999/pictures/", file=picture())) == (
        404,
        "unknown_product",
    )
    assert not ProductImage.objects.exists()


def test_pictures_are_described_moved_and_taken_away(staff: Api, mug: int) -> None:
    path = f"products/{mug}/pictures/"
    first = staff.upload(path, file=picture()).json()["id"]
    second = staff.upload(path, file=picture(500, 400)).json()["id"]
    changed = staff.patch(f"{path}{second}/", {"alt": "Side", "position": 0, "variant": None})
    assert changed.status_code == 200
    assert (changed.json()["alt"], changed.json()["position"]) == ("Side", 0)
    staff.patch(f"{path}{first}/", {"position": 5})
    shown = [entry["id"] for entry in Api().get(f"products/{mug}/").json()["pictures"]]
    assert shown == [second, first]
    assert staff.delete(f"{path}{second}/").status_code == 204
    assert problem(staff.delete(f"{path}{second}/")) == (404, "unknown_picture")
    assert mistakes(staff.patch(f"{path}{first}/", {"position": -1})) == {"position"}
    assert mistakes(staff.patch(f"{path}{first}/", {"position": 2**31})) == {"position"}


def test_a_picture_belongs_to_its_product(staff: Api, mug: int) -> None:
    picture_id = staff.upload(f"products/{mug}/pictures/", file=picture()).json()["id"]
    put_on_sale("cup")
    other = Product.objects.get(name="Cup").id
    path = f"products/{other}/pictures/{picture_id}/"
    assert problem(staff.patch(path, {"alt": "x"})) == (404, "unknown_picture")
    assert problem(staff.delete(path)) == (404, "unknown_picture")
    assert ProductImage.objects.get().alt == ""


def test_a_category_gets_a_picture_and_loses_it(staff: Api, mug: int) -> None:
    category = Category.objects.get()
    path = f"categories/{category.pk}/picture/"
    response = staff.upload(path, file=picture())
    url = response.json()["image"]
    assert response.status_code == 200
    assert url.startswith("http://testserver/media/pictures/")
    assert Api().get(f"products/{mug}/").json()["category"]["image"] == url
    assert staff.delete(path).status_code == 204
    assert Api().get(f"categories/{category.pk}/").json()["image"] is None
    assert problem(staff.upload("categories/9999/picture/", file=picture())) == (
        404,
        "unknown_category",
    )


def test_shoppers_send_no_pictures(api: Api, alice: Any, sam: Any, mug: int, media: Path) -> None:
    path = f"products/{mug}/pictures/"
    assert problem(api.upload(path, file=picture())) == (401, "not_authenticated")
    for nobody in (Api(alice), Api(sam)):
        assert problem(nobody.upload(path, file=picture())) == (403, "permission_denied")
    assert not files(media)
