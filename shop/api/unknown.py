"""Whatever is under /api/ and is no address of ours."""

from typing import Any

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.urls import resolve
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from shop.api.permissions import Who
from shop.api.resources import Resource


class Unknown(Resource):
    """Says that there is nothing; who only forgot the last slash is led to what was meant."""

    access = {"GET": Who.PUBLIC}
    schema = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method in {"GET", "HEAD"} and self._is_known(f"{request.path_info}/"):
            return HttpResponsePermanentRedirect(request.get_full_path(force_append_slash=True))
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse whatever the method is."""
        raise exceptions.NotFound

    def get(self, request: Request) -> Response:
        raise exceptions.NotFound

    def _is_known(self, path: str) -> bool:
        return getattr(resolve(path).func, "cls", None) is not type(self)
