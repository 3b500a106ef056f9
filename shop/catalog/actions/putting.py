"""Making the catalogue say what rows say: products and variants by the hundred."""

from collections.abc import Collection, Sequence

from django.db import IntegrityError

from shop.catalog.actions._categories import category_ids
from shop.catalog.actions._families import Family, load_families
from shop.catalog.actions._options import choices
from shop.catalog.actions._telling import tell_products, tell_repriced, tell_shown_or_hidden
from shop.catalog.actions._writing import write_families
from shop.catalog.queries import variant_ids_by_sku
from shop.catalog.rules import ProductRow, PutReport, sort_rows
from shop.events import actions as events
from shop.lib.refusals import Refusal
from shop.lib.transactions import durable


def put_products(*, rows: Sequence[ProductRow], update: bool = True) -> PutReport:
    """Make variants and their products what the rows say; up to 500 rows at once.

    New SKUs are added; existing ones are changed, or left alone with `update=False`. Of rows that
    share a product, the first one that says something of the product counts. Rows that cannot be
    are refused in the report, and the others written.
    """
    try:
        return _put(rows=rows, update=update)
    except IntegrityError:
        # Somebody has just made one of these products as well: now it is there to be found.
        return _put(rows=rows, update=update)


@durable
def _put(*, rows: Sequence[ProductRow], update: bool) -> PutReport:
    wanted, refused = sort_rows(rows)
    accepted = len(wanted)
    if not update:
        known = variant_ids_by_sku(row.sku for row in wanted.values())
        wanted = {place: row for place, row in wanted.items() if row.sku not in known}
    families = load_families(wanted.values())
    for place, row in wanted.items():
        try:
            families.join(row)
        except Refusal as refusal:
            refused[place] = refusal
            accepted -= 1
    created, updated = _write(families.spoken_of(), update=update)
    return PutReport(
        created=created,
        updated=updated,
        unchanged=accepted - created - updated,
        refused=refused,
    )


def _write(families: Collection[Family], *, update: bool) -> tuple[int, int]:
    """Write what the rows of the families say; return how many were new, and changed something."""
    paths = [path for family in families if (path := family.path())]
    ids = category_ids(paths) if paths else {}
    meant = choices([pair for family in families for pair in family.pairs()])
    for family in families:
        speaks = update or family.is_new
        if speaks:
            path = family.path()
            family.put_product(category_id=ids[path] if path else None)
        for row in family.rows:
            family.put_variant(row, meant)
        family.conclude(publish=speaks)
    counts = [family.count() for family in families]
    added = [family for family in families if family.is_new]
    changed = [family for family in families if family.is_changed() and not family.is_new]
    write_families(families)
    _tell(families, added=added, changed=changed)
    return sum(created for created, _ in counts), sum(updated for _, updated in counts)


def _tell(
    families: Collection[Family], *, added: Collection[Family], changed: Collection[Family]
) -> None:
    """Tell of all of them together, each kind of news once."""
    shown = {
        family.product.id: variant_ids
        for family in families
        if (variant_ids := family.shown_or_hidden())
    }
    with events.told_together():
        tell_products("added", [family.product.id for family in added])
        tell_products("changed", [family.product.id for family in changed])
        tell_repriced(
            {family.product: family.price_before for family in changed if "price" in family.changed}
        )
        tell_shown_or_hidden([id_ for ids in shown.values() for id_ in ids], shown)
