"""Text for logs, without what is somebody's own: addresses, keys, names, and whatever was typed.

A log is read by many and kept for long. Better that it says too little than whose it was.
"""

import re
import traceback
from collections.abc import Iterator

from django.core.exceptions import SuspiciousOperation
from django.http import Http404

_MOST = 4_000
_MOST_OF_TRACEBACK = 20_000

_MASKS = [
    (re.compile(r"[^\s'\"<>(){}\[\],;:=]{1,64}@[^\s'\"<>(){}\[\],;:=]+"), "<e-mail>"),
    (
        re.compile(r"(?<![\w-])[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}(?![\w-])"),
        "<id>",
    ),
    # Keys of sessions, tokens, signed texts: long, and with a figure somewhere.
    (re.compile(r"(?<![\w-])(?=[A-Za-z_-]*[0-9])[\w-]{20,}(?:[.:][\w-]+)*", re.ASCII), "<key>"),
    (re.compile(r"\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b"), "<address>"),
    (re.compile(r"(?<![\w:.])(?:[0-9a-fA-F]{1,4}:){3,7}:?(?:[0-9a-fA-F]{1,4})?"), "<address>"),
]
# What stands in quotes was typed by somebody, unless it is the name of a column or a constraint.
_QUOTED = re.compile(
    r"(?<!constraint )(?<!relation )(?<!column )(?<!table )(?<!for key )"
    r"(?:'[^']*'|\"[^\"]*\"|“[^”]*”)"
)


def masked(text: str) -> str:
    """Return a text in one line without e-mail addresses, ids, keys and network addresses."""
    if len(text) > _MOST:
        # Half a word at the end would not be known for what it is.
        text = f"{text[:_MOST].rpartition(' ')[0]} …"
    for pattern, instead in _MASKS:
        text = pattern.sub(instead, text)
    return in_one_line(text)


def masked_quotes(text: str) -> str:
    """Return a text without all that, nor anything that it quotes."""
    return masked(_QUOTED.sub("…", text[:_MOST]))


def in_one_line(text: str) -> str:
    """Return a text in which nothing can pass for the next line, or for nothing at all."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def masked_error(error: BaseException) -> str:
    """Return what an exception says, as far as it is not about somebody.

    Databases quote the values that they refuse, and their second line shows a whole row.
    """
    name = type(error).__qualname__
    if isinstance(error, (SuspiciousOperation, Http404)):
        return name
    said = masked_quotes(str(error).strip().partition("\n")[0])
    return f"{name}: {said}" if said else name


def masked_traceback(error: BaseException) -> str:
    """Return the traceback of an exception and of those it came from, the last call at the end."""
    return "\n".join(_parts(error, seen=set()))[-_MOST_OF_TRACEBACK:]


def _parts(error: BaseException, *, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen:
        yield from _parts(before, seen=seen)
        yield "and then"
    yield "Traceback (most recent call last):"
    yield "".join(traceback.format_tb(error.__traceback__)).rstrip("\n")
    yield masked_error(error)
