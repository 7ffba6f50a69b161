"""Questions about a contact's timeline, each beside the five statements that give the same rows."""

from datetime import datetime, timedelta
from typing import Any

from approvals.models import Action
from approvals.vocabulary import Status
from bench.team import END, Team, Work
from core.ids import decode
from crm.models import Message, Note, StageChange, Thread

EACH = 40


def plant(team: Team) -> None:
    """Give one contact 40 entries of each kind and 400 events, unless it has them."""
    contact = _contact(team)
    if Thread.objects.filter(contact=contact).exists():
        return
    moments = [END - timedelta(minutes=7 * number + 3) for number in range(EACH)]
    owner = team.uuid(contact)
    team.add_events(
        team.event(END - timedelta(minutes=n, seconds=9), owner) for n in range(10 * EACH)
    )
    whose = {"workspace_id": team.workspace, "contact_id": contact}
    thread = Thread.objects.create(
        **whose, source="imap", external_id="bench", last_message_at=END, created_at=END
    )
    Message.objects.bulk_create(_message(thread, moment) for moment in moments)
    Note.objects.bulk_create(
        Note(**whose, content="Met. " * 40, source="person", created_at=moment, updated_at=moment)
        for moment in moments
    )
    StageChange.objects.bulk_create(
        StageChange(**whose, before="lead", after="mql", at=moment, by="Bench")
        for moment in moments
    )
    Action.objects.bulk_create(_action(whose, moment) for moment in moments)
    team.vacuum()


def questions(team: Team) -> list[tuple[str, Work, Work]]:
    """The newest page, and the one that its cursor leads to."""
    contact = _contact(team)
    given: dict[str, Any] = {"contact_id": contact}
    first: Any = team.ask("crm.contact.timeline", **given)()
    last = first["timeline"][-1]
    place = (datetime.fromisoformat(last["at"]), _id_of(last))
    following = {**given, "cursor": first["next_cursor"]}
    return [
        (
            "get_contact_timeline",
            team.ask("crm.contact.timeline", **given),
            team.sql(*_statements(), given=(team.uuid(contact),)),
        ),
        (
            "get_contact_timeline, second page",
            team.ask("crm.contact.timeline", **following),
            team.sql(*_statements(_BEFORE), given=(team.uuid(contact), *place)),
        ),
    ]


def _contact(team: Team) -> str:
    return team.ids[1000]


def _id_of(entry: dict[str, Any]) -> Any:
    text = next(value for name, value in entry.items() if name.endswith("_id"))
    return decode(text.split("_")[0], text)


def _message(thread: Thread, moment: datetime) -> Message:
    return Message(
        workspace_id=thread.workspace_id,
        thread=thread,
        external_id=f"<{moment.isoformat()}>",
        direction="in",
        from_address="person@bench.example",
        body="Thank you. " * 60,
        sent_at=moment,
        created_at=moment,
    )


def _action(whose: dict[str, str], moment: datetime) -> Action:
    return Action(
        **whose,
        type="update_contact",
        params={"properties": {"jobtitle": "CTO"}},
        status=Status.COMPLETED,
        fingerprint="0" * 32,
        requester_kind="app",
        requester_name="bench",
        surface="mcp",
        grant_role="member",
        created_at=moment,
        updated_at=moment,
    )


def _statements(after: str = "") -> list[str]:
    return [
        _LATEST.format(source=source, owner=owner, only=only, after=after).format(column=column)
        for source, owner, column, only in _SOURCES
    ]


_LATEST = (
    "SELECT t.* FROM {source} WHERE t.workspace_id = %s AND {owner}.contact_id = %s {only} {after} "
    "ORDER BY t.{{column}} DESC, t.id DESC LIMIT 20"
)
# After this place in the list; of the same moment, as the kind of its last entry goes on.
_BEFORE = "AND (t.{column}, t.id) < (%s, %s)"
_SOURCES = (
    ("crm_event t", "t", "timestamp", "AND NOT t.is_bot"),
    ("crm_message t JOIN crm_thread h ON h.id = t.thread_id", "h", "sent_at", ""),
    ("crm_note t", "t", "created_at", "AND t.deleted_at IS NULL"),
    ("approvals_action t", "t", "created_at", ""),
    ("crm_stagechange t", "t", "at", ""),
)
