"""Finding options and their values by name, and making those that are new."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import TypeVar

from django.db.models import Max

from shop.catalog.models import Option, OptionValue
from shop.catalog.rules import option_code

Pair = tuple[str, str]
Key = tuple[int, str]
Made = TypeVar("Made", Option, OptionValue)


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of an option, by the name the shop has for it."""

    option_id: int
    value_id: int
    name: str


def choices(pairs: Collection[Pair]) -> dict[Pair, Choice]:
    """Return the choice each pair of names (option, value) means, having made what is new."""
    if not pairs:
        return {}
    codes = {pair: (option_code(pair[0]), option_code(pair[1])) for pair in pairs}
    option_names: dict[str, str] = {}
    for (option, _), (code, _) in codes.items():
        option_names.setdefault(code, option)
    options = _options(option_names)
    value_names: dict[Key, str] = {}
    for (_, value), (code, value_code) in codes.items():
        value_names.setdefault((options[code], value_code), value)
    values = _values(value_names)
    return {pair: values[options[code], value] for pair, (code, value) in codes.items()}


def _options(names: Mapping[str, str]) -> dict[str, int]:
    """Return the ids of options by code."""
    wanted = Option.objects.filter(code__in=names)
    found = dict(wanted.values_list("code", "id"))
    missing = [code for code in names if code not in found]
    if not missing:
        return found
    last = Option.objects.aggregate(last=Max("position"))["last"] or 0
    new = [
        Option(code=code, name=names[code], position=position)
        for position, code in enumerate(missing, start=last + 1)
    ]
    _create(Option, new)
    return dict(wanted.values_list("code", "id"))


def _values(names: Mapping[Key, str]) -> dict[Key, Choice]:
    """Return values by option and code."""
    found = _read_values(names)
    missing = [key for key in names if key not in found]
    if not missing:
        return found
    last = _last_positions({option_id for option_id, _ in missing})
    new = []
    for option_id, code in missing:
        last[option_id] += 1
        new.append(
            OptionValue(
                option_id=option_id,
                code=code,
                name=names[option_id, code],
                position=last[option_id],
            )
        )
    _create(OptionValue, new)
    return _read_values(names)


def _read_values(keys: Collection[Key]) -> dict[Key, Choice]:
    rows = OptionValue.objects.filter(
        option_id__in={option_id for option_id, _ in keys}, code__in={code for _, code in keys}
    )
    return {
        (value.option_id, value.code): Choice(value.option_id, value.id, value.name)
        for value in rows
    }


def _last_positions(option_ids: Collection[int]) -> Counter[int]:
    rows = OptionValue.objects.filter(option_id__in=option_ids).values("option_id")
    return Counter(dict(rows.annotate(last=Max("position")).values_list("option_id", "last")))


def _create(model: type[Made], new: Iterable[Made]) -> None:
    """Make what nobody else makes meanwhile; in order, so that two do not wait for each other."""
    model._default_manager.bulk_create(sorted(new, key=attrgetter("code")), ignore_conflicts=True)
