"""Pictures of products, sent by staff."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from shop.api.bounds import IdField
from shop.api.catalogue_bodies import PictureBody, picture_body
from shop.api.resources import Resource, read
from shop.api.schema import operation
from shop.api.texts import LineField
from shop.catalog import actions, queries
from shop.catalog.errors import UnknownPicture
from shop.catalog.rules import LARGEST_POSITION, LONGEST_ALT
from shop.showcase import queries as showcase

TAG = "Products"


class NewPictureForm(serializers.Serializer[Any]):
    """A picture file, and what it shows."""

    file = serializers.FileField(help_text="JPEG, PNG, WebP or AVIF, whatever it is called.")
    alt = LineField(max_length=LONGEST_ALT, required=False, allow_blank=True, default="")
    variant = IdField(required=False, help_text="The variant it shows, if it is one only.")


class PictureForm(serializers.Serializer[Any]):
    """What a picture shows, and where it stands among those of its product."""

    alt = LineField(max_length=LONGEST_ALT, allow_blank=True)
    position = serializers.IntegerField(min_value=0, max_value=LARGEST_POSITION)
    variant = IdField(allow_null=True)


class Pictures(Resource):
    """The pictures of a product."""

    access = {"POST": "catalog.add_productimage"}
    parser_classes = [MultiPartParser]

    @operation(
        "products_pictures_create",
        "Give a product one more picture (staff)",
        tag=TAG,
        request={"multipart/form-data": NewPictureForm},
        answer=PictureBody,
        status=201,
        refuses=["unknown_product", "unknown_variant", "invalid_picture", "too_many_pictures"],
        description="What is kept is not the file that was sent, but a WebP picture made of it,"
        " without what a camera writes into its files. Renditions follow within a minute.",
    )
    def post(self, request: Request, product_id: int) -> Response:
        form = read(NewPictureForm, request.data)
        picture_id = actions.add_picture(
            product_id=product_id,
            file=form["file"],
            alt=form["alt"],
            variant_id=form.get("variant"),
        )
        return Response(_body(request, product_id, picture_id), status=201)


class Picture(Resource):
    """One picture."""

    access = {"PATCH": "catalog.change_productimage", "DELETE": "catalog.delete_productimage"}

    @operation(
        "products_pictures_change",
        "Describe or move a picture (staff)",
        tag=TAG,
        request=PictureForm,
        answer=PictureBody,
        refuses=["unknown_picture", "unknown_variant"],
        description="Only what is named changes.",
    )
    def patch(self, request: Request, product_id: int, picture_id: int) -> Response:
        changes = dict(read(PictureForm, request.data, partial=True))
        if "variant" in changes:
            changes["variant_id"] = changes.pop("variant")
        _check_belongs(product_id, picture_id)
        actions.change_picture(picture_id=picture_id, **changes)
        return Response(_body(request, product_id, picture_id))

    @operation(
        "products_pictures_delete",
        "Take a picture away (staff)",
        tag=TAG,
        status=204,
        refuses=["unknown_picture"],
    )
    def delete(self, request: Request, product_id: int, picture_id: int) -> Response:
        _check_belongs(product_id, picture_id)
        actions.remove_picture(picture_id=picture_id)
        return Response(status=204)


def _check_belongs(product_id: int, picture_id: int) -> None:
    if queries.picture(picture_id).product_id != product_id:
        raise UnknownPicture(picture_id=picture_id)


def _body(request: Request, product_id: int, picture_id: int) -> Mapping[str, Any]:
    return picture_body(request, showcase.item(product_id, even_hidden=True), picture_id)
