"""The demo's conversations and stage changes."""

from datetime import timedelta

import pytest

from accounts.models import User, Workspace
from core.ids import new_id
from crm.models import StageChange
from demo.crm import conversations, fill, stages
from demo.crm.conversations import Talk
from tests.demo.conftest import NOW, plan

PLACE = Workspace(id=new_id("ws"), slug="acme", name="Acme")
PEOPLE = [User(id=new_id("usr"), name=name) for name in ("Ada Lind", "Mia Moss", "Rex Okafor")]
PLAN = plan(contacts=1300)


@pytest.fixture(scope="module")
def made() -> fill.History:
    """A history of a thousand people and more, some of whom have an owner."""
    return fill.history(PLAN, PLACE, PEOPLE, PLAN.begins, NOW)


def said(made: fill.History, days: float = 0) -> list[Talk]:
    span = (PLAN.midnight, NOW + timedelta(days=days))
    return conversations.talks(PLAN.seed, PLACE, made.contacts, PEOPLE, span)


def ids(found: list[Talk]) -> set[str]:
    return {str(message.pk) for one in found for message in one.messages}


def test_there_are_enough_of_every_sort(made: fill.History) -> None:
    threads = [one.thread for one in said(made)]

    assert 60 <= len(threads) <= 150
    assert {thread.source for thread in threads} == {"imap", "intercom"}
    assert {thread.sharing for thread in threads} == {"full", "subject_and_time", "owner_only"}
    assert {thread.owner_id for thread in threads} == {None, *(str(one.pk) for one in PEOPLE)}
    assert len({thread.contact_id for thread in threads}) > 40


def test_the_same_seed_says_the_same_and_a_later_day_adds_to_it(made: fill.History) -> None:
    first, later = said(made), said(made, days=6)

    assert ids(first) == ids(said(made))
    assert ids(first) < ids(later)
    assert len(later) > len(first)


def test_nobody_writes_in_the_future_or_before_we_met(made: fill.History) -> None:
    for one in said(made):
        moments = [message.sent_at for message in one.messages]
        assert moments == sorted(moments)
        assert one.thread.contact.created_at < moments[0]
        assert one.thread.last_message_at == moments[-1] <= NOW
        assert all("{" not in message.body for message in one.messages)


def test_who_owns_a_contact_writes_to_them_from_the_own_address(made: fill.History) -> None:
    owned = [one for one in said(made) if one.thread.contact.owner_id and one.thread.owner_id]

    assert owned
    for one in owned:
        assert one.thread.owner_id == one.thread.contact.owner_id
        name = str(one.thread.contact.owner).lower().replace(" ", ".")
        sent = [message for message in one.messages if message.direction == "out"]
        assert {message.from_address for message in sent} <= {f"{name}@acme.test"}


def test_steps_lead_to_the_stage_a_contact_is_in(made: fill.History) -> None:
    steps = list(stages.stage_changes(PLAN.seed, PLACE, made.contacts, PEOPLE, NOW))
    last: dict[object, StageChange] = {}
    for step in sorted(steps, key=lambda step: step.at):
        earlier = last.get(step.contact_id)
        assert earlier is None or earlier.after == step.before
        last[step.contact_id] = step

    assert len(last) > 300
    for step in last.values():
        assert step.after == step.contact.lifecyclestage
        assert step.contact.created_at <= step.at <= NOW
