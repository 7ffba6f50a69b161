"""Shared by the lists of contacts and companies: filters, order, size and hints."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.db.models import Q, QuerySet
from pydantic import BaseModel

from core.answer_size import room_for, rows_that_fit
from core.pagination import DEFAULT_LIMIT, SMALLER, page_of
from crm.models import Company, Contact
from crm.queries.search import Matches, matching
from crm.schemas.companies import ListCompanies
from crm.schemas.contacts import ListContacts

Row = TypeVar("Row", Contact, Company)
Asked = ListContacts | ListCompanies
Filters = Mapping[str, Callable[[Any], Q]]


def matches(rows: QuerySet[Row], data: Asked, filters: Filters) -> Matches[Row]:
    """The rows with the words searched for, narrowed by the filters that were given."""
    # Words first, so that a typo is one in the whole workspace.
    found = matching(rows, data.search) if data.search else Matches(rows)
    given = ((condition, getattr(data, name)) for name, condition in filters.items())
    asked = [condition(value) for condition, value in given if value is not None]
    return Matches(found.rows.filter(*asked), found.almost)


def page(
    found: Matches[Row], data: Asked, shown: Callable[[Row], BaseModel], *, noun: str, column: str
) -> dict[str, Any]:
    """A page of the rows under the plural `noun`, ordered by `column`; or only their number."""
    if data.count_only:
        number = found.rows.count()
        return {"count": number, "hint": found.hint(number)}
    sign = "-" if data.sort_dir == "desc" else ""
    rows, pagination = page_of(found.rows.order_by(f"{sign}{column}", f"{sign}id"), data)
    fits, omitted = rows_that_fit(map(shown, rows), room_for(data.limit, DEFAULT_LIMIT))
    return {
        noun: fits,
        "pagination": pagination,
        "truncated": omitted > 0 or None,
        "omitted": omitted or None,
        "hint": SMALLER if omitted else found.hint(pagination.total_items),
    }
