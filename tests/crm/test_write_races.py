"""Two at once: one record an address, one winner an edit."""

from functools import partial
from typing import Any

import pytest

from core.errors import Conflict
from crm.models import Company, Contact, Note, NoteVersion
from tests import factories
from tests.crm.team import Team, ask, team
from tests.threads import at_once

__all__ = ["team"]

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 6


@pytest.mark.parametrize(
    ("name", "data", "model"),
    [
        ("crm.contact.create", {"email": "ana@umbrella.example", "visitor_id": "v-1"}, Contact),
        ("crm.company.create", {"domain": "umbrella.example"}, Company),
    ],
)
def test_the_same_record_made_by_six_at_once_is_made_once(
    team: Team, name: str, data: dict[str, Any], model: type[Contact] | type[Company]
) -> None:
    actor = team.reviewer

    answers, refusals = at_once([lambda: ask(actor, name, **data)] * AT_ONCE)

    assert [answer["status"] for answer in answers] == ["executed"]
    assert {type(refusal) for refusal in refusals} == {Conflict}
    assert model.objects.count() == 1


def test_six_edits_at_once_keep_every_text_that_stood_there(team: Team) -> None:
    ana = factories.contact(team.place)
    ids = {"contact_id": str(ana.pk), "note_id": str(factories.note(ana, "First.").pk)}
    actor = team.member

    def edited(number: int) -> dict[str, Any]:
        return ask(actor, "crm.contact.note.update", **ids, content=f"Edit {number}.")

    answers, refusals = at_once([partial(edited, number) for number in range(AT_ONCE)])

    assert answers
    assert {type(refusal) for refusal in refusals} <= {Conflict}
    stood = [*NoteVersion.objects.values_list("content", flat=True), Note.objects.get().content]
    assert len(stood) == len(set(stood)) == len(answers) + 1
