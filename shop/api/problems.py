"""What the API answers when it says no: RFC 9457 problems, each with a stable code."""

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.signals import got_request_exception
from django.http import Http404, HttpResponse
from rest_framework import exceptions
from rest_framework.response import Response

from shop.api.problem_codes import PROBLEMS, title_of, type_of
from shop.lib.metrics import REFUSALS
from shop.lib.refusals import Refusal
from shop.lib.requests import current_id
from shop.lib.transactions import refusal_of

MEDIA_TYPE = "application/problem+json"
SERVER_ERROR = "server_error"
# How long somebody waits who came when others were in the way.
RETRY_SECONDS = 2

logger = logging.getLogger(__name__)


# The fields of a request that some refusals are about.
_FIELDS = {"username_taken": "username", "email_taken": "email", "weak_password": "password"}


class WrongCredentials(exceptions.APIException):
    """Nobody signs in like this; not a missing token, so it is no NotAuthenticated."""

    status_code = HTTPStatus.UNAUTHORIZED
    default_code = "wrong_credentials"


class InvalidToken(exceptions.AuthenticationFailed):
    """The access token in the header does not count."""

    default_code = "invalid_token"


class IdempotencyKeyMissing(exceptions.APIException):
    """A purchase has no name by which it could be told from the next one."""

    status_code = HTTPStatus.BAD_REQUEST
    default_code = "idempotency_key_missing"


class TooLarge(exceptions.APIException):
    """The body is larger than anything this address takes."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class LengthRequired(exceptions.APIException):
    """The body comes in pieces, and nobody says how long it is."""

    status_code = HTTPStatus.LENGTH_REQUIRED
    default_code = "length_required"


def answer(error: Exception, context: Mapping[str, Any]) -> Response:
    """Turn whatever a view raised into a problem; a fault of ours is logged and told as one."""
    refusal = error if isinstance(error, Refusal) else refusal_of(error)
    if refusal is not None:
        if refusal is not error:
            # A line instead of a story: while the database is away, everybody gets one.
            said = str(error).strip().partition("\n")[0]
            logger.warning("%s: %s", refusal.code, said)
        return _refused(refusal)
    known = _known(error)
    if known is None:
        logger.error("A request to the API failed", exc_info=error)
        # Error reporters, and Django's test client, listen here.
        got_request_exception.send(sender=None, request=context.get("request"))
        return problem(SERVER_ERROR)
    return _declined(known)


def problem(
    code: str,
    *,
    detail: str | None = None,
    errors: Mapping[str, list[str]] | None = None,
    data: Mapping[str, Any] | None = None,
    retry_after: int | None = None,
) -> Response:
    """Return the answer for a code of PROBLEMS."""
    known = PROBLEMS[code]
    body: dict[str, Any] = {
        "type": type_of(code),
        "title": title_of(code),
        "status": int(known.status),
        "detail": known.detail if detail is None else detail,
        "code": code,
    }
    if code == SERVER_ERROR:
        # What to quote to whoever reads the log.
        body["instance"] = f"urn:novashop:request:{current_id()}"
    if errors:
        body["errors"] = errors
    if data:
        body["data"] = data
    headers = {}
    if known.status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="api"'
    if known.status is HTTPStatus.SERVICE_UNAVAILABLE:
        retry_after = RETRY_SECONDS
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return Response(body, status=known.status, headers=headers, content_type=MEDIA_TYPE)


def fault(refusal: Refusal | None) -> HttpResponse:
    """Return the answer where nothing came as far as a view's own: why, or that it is our fault."""
    answered = problem(SERVER_ERROR) if refusal is None else _refused(refusal)
    body = json.dumps(answered.data)
    return HttpResponse(
        body, status=answered.status_code, headers=answered.headers, content_type=MEDIA_TYPE
    )


def _refused(refusal: Refusal) -> Response:
    REFUSALS.labels("api", refusal.code).inc()
    words = {name: _in_words(value) for name, value in refusal.data.items()}
    field = _FIELDS.get(refusal.code)
    detail = PROBLEMS[refusal.code].detail.format(**words)
    return problem(
        refusal.code,
        detail=detail,
        errors={field: list(refusal.data.get("problems", [detail]))} if field else None,
        data=words if not field else None,
        retry_after=refusal.data.get("retry_after"),
    )


def _in_words(value: Any) -> Any:
    """Return a refusal's fact as JSON has it: amounts are strings, and parts have names."""
    if value is None or isinstance(value, int):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _in_words(getattr(value, field.name)) for field in fields(value)}
    return [_in_words(item) for item in value] if isinstance(value, tuple) else str(value)


def _known(error: Exception) -> exceptions.APIException | None:
    """Return what the framework calls an error, None for a fault of ours."""
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, DjangoPermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, RequestDataTooBig):
        return TooLarge()
    if isinstance(error, (SuspiciousOperation, BadRequest)):
        return exceptions.ParseError()
    return None


def _declined(error: exceptions.APIException) -> Response:
    if isinstance(error, exceptions.ValidationError):
        return problem("invalid", errors=dict(_flattened(error.detail)))
    if isinstance(error, exceptions.ParseError):
        return problem("malformed", detail=str(error.detail))
    code = error.default_code
    return problem(code if code in PROBLEMS else SERVER_ERROR)


def _flattened(detail: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """Yield the mistakes of each field; those of a field inside another one as `outer.inner`."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from _flattened(inner, ".".join(part for part in (path, own) if part))
    elif isinstance(detail, list) and any(isinstance(item, Mapping) for item in detail):
        for position, inner in enumerate(detail):
            yield from _flattened(inner, f"{path}.{position}" if path else str(position))
    else:
        yield path or "body", [str(item) for item in detail]
