"""Calling the API as other people's programs do."""

import json
from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client

from shop.api import tokens

ROOT = "http://testserver/api"


class Api:
    """A client with the token of a user, or without one."""

    def __init__(self, user: Any = None, *, token: str | None = None) -> None:
        self._client = Client()
        if user is not None:
            token = tokens.open_session(user_id=user.id, version=user.token_version).access
        self.headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **query: Any) -> Any:
        return self._client.get(f"/api/{path}", query, headers=self.headers)

    def follow(self, address: str) -> Any:
        """Get an absolute address that an answer names."""
        return self._client.get(address.removeprefix("http://testserver"), headers=self.headers)

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        return self.send("POST", path, body, **({} if key is None else {"Idempotency-Key": key}))

    def patch(self, path: str, body: Any) -> Any:
        return self.send("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self.send("DELETE", path)

    def upload(self, path: str, **fields: Any) -> Any:
        """Send a form with a file."""
        return self._client.post(f"/api/{path}", fields, headers=self.headers)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = "application/json",
        **headers: str,
    ) -> Any:
        """Send a body as it is if it is bytes, otherwise as JSON."""
        data = body if isinstance(body, bytes) else b"" if body is None else _json(body)
        return self._client.generic(
            method,
            f"/api/{path}",
            data,
            content_type=content_type,
            headers={**self.headers, **headers},
        )


def problem(response: Any) -> tuple[int, str]:
    """Return the status and the code of a problem, having checked that it is one."""
    body = response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert body["status"] == response.status_code
    assert body["type"] == f"urn:novashop:problem:{body['code']}"
    assert body["title"]
    assert body["detail"]
    assert "{" not in body["detail"]
    assert "Traceback" not in response.content.decode()
    return response.status_code, body["code"]


def mistakes(response: Any) -> set[str]:
    """Return the fields that a 400 complains about."""
    assert problem(response) == (400, "invalid")
    return set(response.json()["errors"])


def give_rights(user: Any, *rights: str) -> Any:
    """Let a member of staff do these things: `catalog.add_product`."""
    for right in rights:
        label, _, codename = right.partition(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=label, codename=codename)
        )
    return user


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()


def id_of(value: object) -> str:
    """Name a case by what it is about; the same in every process, unlike the text of a set."""
    return str(sorted(value) if isinstance(value, set) else value)[:50]
