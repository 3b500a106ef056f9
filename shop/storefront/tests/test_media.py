"""Pictures are for everybody and for ever; nothing else in the folder is for anybody."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from shop.catalog import actions as catalog
from shop.catalog.models import Product, ProductImage
from tests.builders import put_on_sale
from tests.pictures import upload

pytestmark = pytest.mark.once

NAME = f"pictures/ab/ab{'0' * 30}"
FOR_EVER = "public, max-age=31536000, immutable"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    """A folder with a picture, and other things that lie about."""
    media = tmp_path / "media"
    settings.MEDIA_ROOT = media
    (media / NAME).parent.mkdir(parents=True)
    for name in (f"{NAME}.webp", f"{NAME}-320.avif"):
        (media / name).write_bytes(b"picture")
    for name in (f"{NAME}.html", f"{NAME}.svg", f"{NAME}.webp.html", "list.webp"):
        (media / name).write_bytes(b"secret")
    (tmp_path / "novashop.sqlite3").write_bytes(b"secret")
    return media


def body_of(response: Any) -> bytes:
    return response.getvalue() if response.streaming else bytes(response.content)


@pytest.mark.parametrize(
    ("name", "kind"), [(f"{NAME}.webp", "image/webp"), (f"{NAME}-320.avif", "image/avif")]
)
def test_a_picture_is_sent_for_ever(client: Client, name: str, kind: str) -> None:
    response = client.get(f"/media/{name}")

    assert response.status_code == 200
    assert body_of(response) == b"picture"
    assert response["Content-Type"] == kind
    assert response["Content-Length"] == "7"
    assert response["Cache-Control"] == FOR_EVER
    assert response["X-Content-Type-Options"] == "nosniff"


def test_its_address_has_a_name() -> None:
    assert reverse("media", args=[f"{NAME}.webp"]) == f"/media/{NAME}.webp"


def test_nobody_is_asked_who_they_are(client: Client) -> None:
    client.cookies["sessionid"] = "some-session"

    # Without the database: a session that is looked at would need it.
    response = client.get(f"/media/{NAME}.webp")

    assert body_of(response) == b"picture"
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


def test_head_says_what_get_would(client: Client) -> None:
    response = client.head(f"/media/{NAME}.webp")

    assert response.status_code == 200
    assert body_of(response) == b""
    assert response["Content-Length"] == "7"
    assert response["Content-Type"] == "image/webp"
    assert response["ETag"] == f'"{Path(NAME).name}"'


def test_who_has_it_already_gets_nothing(client: Client) -> None:
    tag = client.head(f"/media/{NAME}-320.avif")["ETag"]

    again = client.get(f"/media/{NAME}-320.avif", headers={"If-None-Match": tag})
    other = client.get(f"/media/{NAME}-320.avif", headers={"If-None-Match": '"x"'})

    assert (again.status_code, body_of(again)) == (304, b"")
    assert (again["ETag"], again["Cache-Control"]) == (tag, FOR_EVER)
    assert (other.status_code, body_of(other)) == (200, b"picture")


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_nobody_writes_here(client: Client, method: str) -> None:
    assert getattr(client, method)(f"/media/{NAME}.webp").status_code == 405


@pytest.mark.parametrize(
    "name",
    [
        "",
        "pictures/",
        "pictures/ab",
        "list.webp",
        f"{NAME}.html",
        f"{NAME}.svg",
        f"{NAME}.webp.html",
        f"{NAME}.webp/",
        f"{NAME}.WEBP",
        f"{NAME}.avif",
        f"{NAME}-.webp",
        f"{NAME}-640.webp",
        f"{NAME}.webp%00.html",
        f"{NAME}.webp%0a",
        f"pictures/ac/ab{'0' * 30}.webp",
        "../novashop.sqlite3",
        "..%2fnovashop.sqlite3",
        "pictures/../../novashop.sqlite3",
        "pictures/ab/..%5c..%5cnovashop.sqlite3",
        "%2e%2e/novashop.sqlite3",
        "/etc/passwd",
        "%2fetc%2fpasswd",
    ],
)
def test_nothing_else_is_sent(client: Client, name: str) -> None:
    response = client.get(f"/media/{name}")

    assert response.status_code == 404
    assert b"secret" not in body_of(response)


def test_a_folder_that_is_called_like_a_picture_is_not_sent(client: Client, folder: Path) -> None:
    (folder / f"{NAME}-640.webp").mkdir()

    assert client.get(f"/media/{NAME}-640.webp").status_code == 404


def test_a_link_out_of_the_folder_is_not_followed(client: Client, folder: Path) -> None:
    (folder / f"{NAME}-640.webp").symlink_to(folder.parent / "novashop.sqlite3")
    (folder / f"{NAME}-1280.webp").symlink_to(folder / f"{NAME}-1280.webp")
    (folder / "pictures" / "cd").symlink_to(folder.parent)
    (folder.parent / f"cd{'0' * 30}.webp").write_bytes(b"secret")

    for name in (f"{NAME}-640.webp", f"{NAME}-1280.webp", f"pictures/cd/cd{'0' * 30}.webp"):
        assert client.get(f"/media/{name}").status_code == 404


def test_a_shop_without_pictures_has_none(client: Client, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "nothing"

    assert client.get(f"/media/{NAME}.webp").status_code == 404


@pytest.mark.django_db
def test_what_the_shop_made_of_an_upload_can_be_seen(client: Client) -> None:
    put_on_sale("mug")
    product_id = Product.objects.get(code="mug").id
    picture_id = catalog.add_picture(product_id=product_id, file=upload())
    catalog.make_renditions()
    picture = ProductImage.objects.get(id=picture_id)

    whole = client.get(picture.file.url)
    rendition = client.get(picture.file.url.replace(".webp", "-320.avif"))

    assert body_of(whole)[:4] == b"RIFF"
    assert body_of(rendition)[4:12] == b"ftypavif"
