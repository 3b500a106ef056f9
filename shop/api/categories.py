"""Categories: a tree that everybody reads and staff change."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from shop.api import lists
from shop.api.bounds import IdField
from shop.api.catalogue_bodies import CategoryBody, category_body
from shop.api.permissions import Who
from shop.api.resources import Resource, read
from shop.api.schema import operation
from shop.api.texts import LineField, text_field
from shop.catalog import actions, queries
from shop.catalog.rules import CATALOGUE, LONGEST_CATEGORY_NAME
from shop.lib.replicas.reading import may_lag

TAG = "Categories"
_REFUSES = (
    "unknown_category",
    "category_name_taken",
    "invalid_category_place",
    "invalid_category",
)


class CategoryForm(serializers.Serializer[Any]):
    """What a category is called, and where it stands."""

    name = LineField(max_length=LONGEST_CATEGORY_NAME)
    description = text_field()
    # The library takes fields out of the class, so nothing of its own is hidden by the name.
    parent = IdField(  # type: ignore[assignment]
        required=False, allow_null=True, help_text="The category it stands on; null for none."
    )


class CategoryPictureForm(serializers.Serializer[Any]):
    """The picture of a category."""

    file = serializers.FileField()


class Categories(Resource):
    """All categories."""

    access = {"GET": Who.PUBLIC, "POST": "catalog.add_category"}
    public_parameters = lists.names_of(lists.PageQuery)
    public_generations = [CATALOGUE]

    @operation(
        "categories_list",
        "List the categories, in the order of the tree",
        tag=TAG,
        query=lists.PageQuery,
        answer=lists.page_of(CategoryBody),
        refuses=["invalid_cursor"],
    )
    @may_lag
    def get(self, request: Request) -> Response:
        found = queries.page_of_categories(**lists.query(request))
        parents = queries.parents_of(found.items)
        entries = [category_body(request, category, parents) for category in found.items]
        return lists.answer_rendered(request, found, entries)

    @operation(
        "categories_create",
        "Add a category (staff)",
        tag=TAG,
        request=CategoryForm,
        answer=CategoryBody,
        status=201,
        refuses=_REFUSES,
    )
    def post(self, request: Request) -> Response:
        changes = _changes(read(CategoryForm, request.data))
        return Response(_body(request, actions.add_category(**changes)), status=201)


class Category(Resource):
    """One category."""

    access = {
        "GET": Who.PUBLIC,
        "PATCH": "catalog.change_category",
        "DELETE": "catalog.delete_category",
    }
    public_generations = [CATALOGUE]

    @operation(
        "categories_read",
        "Read a category",
        tag=TAG,
        answer=CategoryBody,
        refuses=["unknown_category"],
    )
    @may_lag
    def get(self, request: Request, category_id: int) -> Response:
        return Response(_body(request, category_id))

    @operation(
        "categories_change",
        "Change a category, or move it with all that stands on it (staff)",
        tag=TAG,
        request=CategoryForm,
        answer=CategoryBody,
        refuses=_REFUSES,
    )
    def patch(self, request: Request, category_id: int) -> Response:
        changes = _changes(read(CategoryForm, request.data, partial=True))
        actions.change_category(category_id=category_id, changes=changes)
        return Response(_body(request, category_id))

    @operation(
        "categories_delete",
        "Remove an empty category (staff)",
        tag=TAG,
        status=204,
        refuses=["unknown_category", "category_is_in_use"],
    )
    def delete(self, request: Request, category_id: int) -> Response:
        actions.remove_category(category_id=category_id)
        return Response(status=204)


class CategoryPicture(Resource):
    """What a category looks like."""

    access = {"POST": "catalog.change_category", "DELETE": "catalog.change_category"}
    parser_classes = [MultiPartParser]

    @operation(
        "categories_picture_create",
        "Give a category its picture (staff)",
        tag=TAG,
        request={"multipart/form-data": CategoryPictureForm},
        answer=CategoryBody,
        refuses=["unknown_category", "invalid_picture"],
        description="In place of the one it has.",
    )
    def post(self, request: Request, category_id: int) -> Response:
        file = read(CategoryPictureForm, request.data)["file"]
        actions.set_category_picture(category_id=category_id, file=file)
        return Response(_body(request, category_id))

    @operation(
        "categories_picture_delete",
        "Leave a category without a picture (staff)",
        tag=TAG,
        status=204,
        refuses=["unknown_category"],
    )
    def delete(self, request: Request, category_id: int) -> Response:
        actions.remove_category_picture(category_id=category_id)
        return Response(status=204)


def _changes(form: Mapping[str, Any]) -> dict[str, Any]:
    return {("parent_id" if name == "parent" else name): value for name, value in form.items()}


def _body(request: Request, category_id: int) -> Mapping[str, Any]:
    category = queries.category(category_id)
    return category_body(request, category, queries.parents_of([category]))
