"""The API's description, for programs and for people."""

from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from shop.api.permissions import Who
from shop.api.resources import Resource
from shop.api.schema import operation


class SchemaFile(Resource):
    """The description as a file: JSON, or YAML for who asks for it."""

    access = {"GET": Who.PUBLIC}
    renderer_classes = [
        OpenApiJsonRenderer,
        OpenApiJsonRenderer2,
        OpenApiYamlRenderer,
        OpenApiYamlRenderer2,
    ]

    @operation(
        "schema",
        "Read this description",
        tag="Description",
        answer=OpenApiTypes.OBJECT,
        description="As JSON, or as YAML for `Accept: application/yaml`.",
    )
    def get(self, request: Request) -> Response:
        return Response(_description())


class Docs(SpectacularSwaggerSplitView):
    """The description to click through. Asks nothing from the net; has no script in the page."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    url_name = "api_schema"
    template_name = "api/docs.html"
    title = "NovaShop API"


@cache
def _description() -> Any:
    """Return the description, which is the same for everybody; making it takes a second."""
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
