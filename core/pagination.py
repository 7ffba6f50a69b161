"""Paging by number: `page` and `limit` in, `pagination` out."""

from typing import Annotated, TypeVar

from django.db.models import Model, QuerySet
from pydantic import Field

from core.schemas import Answer, Arguments

Row = TypeVar("Row", bound=Model)

MAX_PAGE = 100_000
DEFAULT_LIMIT = 20
SMALLER = "Use a smaller limit, or with fields=summary."


class PageArguments(Arguments):
    """The paging arguments of a list."""

    page: Annotated[int, Field(ge=1, le=MAX_PAGE, description="Page number, from 1")] = 1
    limit: Annotated[int, Field(ge=1, le=100, description="Rows a page, 1 to 100")] = DEFAULT_LIMIT


class Pagination(Answer):
    """The position of a page in the whole list."""

    page: int
    limit: int
    total_pages: int
    total_items: int


def page_of(rows: QuerySet[Row], data: PageArguments) -> tuple[list[Row], Pagination]:
    """The rows of the requested page and its position; a page past the end is empty."""
    total = rows.count()
    start = (data.page - 1) * data.limit
    found = list(rows[start : start + data.limit]) if start < total else []
    return found, Pagination(
        page=data.page, limit=data.limit, total_pages=-(-total // data.limit), total_items=total
    )
