"""Rows are reached through the one who may see them; pages of them are counted."""

import pytest

from core.errors import NotFound, ValidationFailed
from core.pagination import PageArguments, page_of
from core.schemas import validated
from crm.models import Contact
from tests import factories
from tests.team import Team

pytestmark = pytest.mark.django_db


def test_another_workspaces_row_does_not_exist(team: Team) -> None:
    assert Contact.objects.visible_to(team.member).one(str(team.ana.pk), "contact") == team.ana
    with pytest.raises(NotFound):
        Contact.objects.visible_to(team.foreign_admin).one(str(team.ana.pk), "contact")
    assert not Contact.objects.visible_to(team.foreign_admin).exists()


def test_pages_hold_every_row_once(team: Team) -> None:
    for number in range(24):
        factories.contact(team.ana.workspace, f"p{number}@umbrella.example")
    rows = Contact.objects.visible_to(team.member).order_by("id")

    pages = [page_of(rows, PageArguments(page=number, limit=10)) for number in (1, 2, 3, 4)]

    assert [len(found) for found, _ in pages] == [10, 10, 5, 0]
    assert [row for found, _ in pages for row in found] == list(rows)
    assert {(p.total_pages, p.total_items) for _, p in pages} == {(3, 25)}


def test_no_rows_are_no_pages() -> None:
    found, pagination = page_of(Contact.objects.order_by("id"), PageArguments())

    assert found == []
    assert (pagination.total_pages, pagination.total_items) == (0, 0)


@pytest.mark.parametrize("data", [{"page": 0}, {"page": 10**9}, {"limit": 0}, {"limit": 101}])
def test_paging_has_bounds(data: dict[str, int]) -> None:
    with pytest.raises(ValidationFailed):
        validated(PageArguments, data)
