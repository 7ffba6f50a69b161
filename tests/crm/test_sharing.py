"""A mailbox's sharing level applies to every reader on every surface (inbound-2)."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts import actors
from accounts.models import Membership
from core.access import Role, Scope
from core.actor import Actor, ActorKind, Surface
from crm.models import Contact, Message, Thread
from tests import factories
from tests.crm.team import Team, ask, team

__all__ = ["team"]

SECRET, SUBJECT = "the secret price", "About the depots"
NOTHING, TIMES, ALL = "nothing", "subject and time", "all"

# What each actor sees of Mia's conversation, by sharing level. The dashboard and her app are Mia
# herself; her key and her agent work while she is away, and others read what they make.
MATRIX = {
    "full": dict.fromkeys(
        ("mia", "mia's app", "mia's key", "mia's agent", "alice", "alice's app", "vic"), ALL
    ),
    "subject_and_time": {
        **dict.fromkeys(("mia", "mia's app"), ALL),
        **dict.fromkeys(("mia's key", "mia's agent", "alice", "alice's app", "vic"), TIMES),
    },
    "owner_only": {
        **dict.fromkeys(("mia", "mia's app"), ALL),
        **dict.fromkeys(("mia's key", "mia's agent", "alice", "alice's app", "vic"), NOTHING),
    },
}
CASES = [(level, who, sees) for level, row in MATRIX.items() for who, sees in row.items()]


def people(team: Team) -> dict[str, Actor]:
    """All people by name."""

    def unattended(membership: Membership, kind: ActorKind) -> Actor:
        return actors.for_membership(
            membership, kind=kind, surface=Surface.REST, scopes=frozenset(Scope)
        )

    return {
        "mia": factories.person(team.mia),
        "mia's app": factories.app(team.mia),
        "mia's key": unattended(team.mia, ActorKind.KEY),
        "mia's agent": unattended(team.mia, ActorKind.AGENT),
        "alice": factories.person(team.alice),
        "alice's app": factories.app(team.alice),
        "vic": factories.person(team.vic),
    }


@pytest.fixture
def ana(team: Team) -> Contact:
    return factories.contact(team.place)


def write(ana: Contact, owner: Membership | None, level: str) -> Message:
    """A message of a conversation shared so far."""
    conversation = factories.thread(ana, owner, sharing=level, subject=SUBJECT)
    return factories.message(conversation, SECRET, from_address="ana.private@x.example")


def views(actor: Actor, ana: Contact) -> dict[str, list[dict[str, Any]]]:
    """The conversation as each read shows it."""
    ids = {"contact_id": str(ana.pk)}
    whole = ask(actor, "crm.contact.conversation.list", include_messages=True, **ids)
    return {
        "timeline": ask(actor, "crm.contact.timeline", **ids)["timeline"],
        "conversations": whole["conversations"],
        "messages": [row for one in whole["conversations"] for row in one["messages"]],
        "threads": ask(actor, "crm.contact.email_thread.list", **ids)["threads"],
    }


@pytest.mark.parametrize(("level", "who", "sees"), CASES)
def test_each_sees_what_the_level_says_everywhere(
    team: Team, ana: Contact, level: str, who: str, sees: str
) -> None:
    message = write(ana, team.mia, level)

    found = views(people(team)[who], ana)

    counts = {name: len(rows) for name, rows in found.items()}
    assert counts == dict.fromkeys(found, 0 if sees == NOTHING else 1)
    told = str(found)
    assert (SECRET in told) == (sees == ALL)
    assert ("ana.private@x.example" in told) == (sees == ALL)
    assert (SUBJECT in told) == (sees != NOTHING)
    assert (str(message.pk) in told) == (sees != NOTHING)
    if sees != NOTHING:
        (entry,), (row,) = found["timeline"], found["messages"]
        assert entry.get("withheld") == row.get("withheld") == (True if sees == TIMES else None)


@pytest.mark.parametrize("level", ["subject_and_time", "owner_only"])
def test_nobody_owns_a_conversation_without_an_owner(team: Team, ana: Contact, level: str) -> None:
    write(ana, None, level)
    system = Actor.for_job("crm.test", str(team.place.pk))

    assert system.user_id is None
    for actor in (*people(team).values(), system):
        found = views(actor, ana)
        assert SECRET not in str(found)
        assert any(found.values()) == (level == "subject_and_time" or actor is system)


def test_what_is_the_owner_s_alone_is_not_counted_for_others(team: Team, ana: Contact) -> None:
    write(ana, team.mia, "owner_only")
    write(ana, team.mia, "full")
    ids = {"contact_id": str(ana.pk)}

    def totals(actor: Actor) -> tuple[int, int]:
        return (
            ask(actor, "crm.contact.conversation.list", **ids)["total_conversations"],
            ask(actor, "crm.contact.email_thread.list", **ids)["total_threads"],
        )

    assert totals(team.member) == (2, 2)
    assert totals(team.admin) == (1, 1)


def test_the_level_holds_for_what_was_shared_before(team: Team, ana: Contact) -> None:
    write(ana, team.mia, "full")
    assert SECRET in str(views(team.admin, ana))

    Thread.objects.update(sharing="owner_only")

    assert not any(views(team.admin, ana).values())
    assert SECRET in str(views(team.member, ana))


@pytest.mark.parametrize("level", ["full", "subject_and_time", "owner_only"])
def test_another_workspace_s_namesake_of_the_owner_sees_nothing(
    team: Team, ana: Contact, level: str
) -> None:
    message = write(ana, team.mia, level)
    other = factories.workspace("Globex")
    # The same person, a member of both workspaces.
    there = factories.person(Membership.objects.create(
        workspace=other, user=team.mia.user, role=Role.ADMIN
    ))  # fmt: skip
    reach: list[Callable[[Actor], Any]] = [Thread.objects.visible_to, Message.objects.visible_to]

    assert [rows(there).count() for rows in reach] == [0, 0]
    assert [rows(factories.person(team.mia)).count() for rows in reach] == [1, 1]
    assert message.thread.is_open_to(factories.person(team.mia))


def test_two_owners_of_one_role_each_read_their_own_mail_only(team: Team, ana: Contact) -> None:
    """Their questions have the same form, and its SQL is written once in a process."""
    write(ana, team.mia, "owner_only")
    bob = factories.person(factories.member(team.place, "Bob", Role.MEMBER))
    mia = people(team)["mia"]

    for reader, number in ((mia, 1), (bob, 0), (mia, 1), (bob, 0)):
        entries = ask(reader, "crm.contact.timeline", contact_id=str(ana.pk))["timeline"]
        assert len(entries) == number
