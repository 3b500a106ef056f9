"""What is kept of an answer for everybody: its body, compressed, and what it was made of."""

import gzip
import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse

from shop.lib.public.generations import ALIAS, completed, key_of

# Larger ones are made anew each time.
LARGEST_BODY = 256 * 1024
_LEVEL = 5
_TAKES_GZIP = re.compile(r"(^|[ ,])gzip(?!\s*;\s*q=0(\.0*)?\s*(,|$))", re.IGNORECASE)


class UntaggedError(Exception):
    """An answer for everybody does not say what it is made of."""


@dataclass(frozen=True, slots=True)
class Record:
    """An answer that can be given again while its tokens are those of now."""

    tokens: Mapping[str, str]
    content_type: str
    etag: str
    packed: bytes

    @classmethod
    def of(cls, response: Any, *, tokens: Mapping[str, str]) -> "Record":
        """Return what is to be kept of an answer."""
        return cls(
            tokens=tokens,
            content_type=response.headers["Content-Type"],
            etag=etag_of(response.content),
            packed=gzip.compress(response.content, _LEVEL, mtime=0),
        )

    def written(self) -> bytes:
        head = [dict(self.tokens), self.content_type, self.etag]
        return json.dumps(head).encode() + b"\n" + self.packed

    @classmethod
    def read(cls, text: object) -> "Record | None":
        """Return the record that was written; None for anything else."""
        if not isinstance(text, bytes):
            return None
        head, _, packed = text.partition(b"\n")
        tokens, content_type, etag = json.loads(head)
        return cls(tokens=tokens, content_type=content_type, etag=etag, packed=packed)

    def response_to(self, request: HttpRequest) -> HttpResponse:
        """Answer with it, compressed for whoever takes that."""
        headers = {"ETag": self.etag, "Vary": "Accept-Encoding"}
        if not _TAKES_GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", "")):
            body = gzip.decompress(self.packed)
            return HttpResponse(body, content_type=self.content_type, headers=headers)
        headers["Content-Encoding"] = "gzip"
        return HttpResponse(self.packed, content_type=self.content_type, headers=headers)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the answers of one address are kept, and what there was when somebody looked."""

    key: str
    tokens: Mapping[str, str] | None
    record: Record | None

    @property
    def is_current(self) -> bool:
        """Tell whether what was found holds."""
        return self.record is not None and self.record.tokens == self.tokens

    def keep(self, response: Any, *, seconds_left: float = math.inf) -> Record | None:
        """Keep an answer made after the tokens were read; None where it is not to be kept.

        `seconds_left` is how long its parts may be shown.
        """
        is_whole = response.status_code == HTTPStatus.OK and not response.streaming
        if self.tokens is None or not is_whole or len(response.content) > LARGEST_BODY:
            return None
        record = Record.of(response, tokens=self.tokens)
        # For as long as the cache keeps anything by default: a time limit, whatever happens.
        cache = caches[ALIAS]
        cache.set(self.key, record.written(), min(cache.default_timeout or 0, seconds_left))
        return record


def find(request: HttpRequest, names: Sequence[str]) -> Place:
    """Look an answer up by its address, together with the tokens of what it would be made of."""
    key = _key_of(request)
    found = caches[ALIAS].get_many([key, *map(key_of, names)])
    return Place(key, completed(found, names), Record.read(found.get(key)))


def etag_of(body: bytes) -> str:
    """Return what tells one body from another; weak, for it may be sent compressed or not."""
    return f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def _key_of(request: HttpRequest) -> str:
    # Bodies may hold whole addresses; those of another release may look different.
    said = [request.build_absolute_uri(), request.META["QUERY_STRING"], settings.VERSION]
    return f"answer:{hashlib.blake2b(json.dumps(said).encode(), digest_size=18).hexdigest()}"
