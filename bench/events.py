"""Questions about events, each beside the least SQL that gives the same rows."""

from typing import Any

from bench.team import Team, Work


def questions(team: Team) -> list[tuple[str, Work, Work]]:
    """A question's name, our way and the bare one."""
    return [*_counts(team), *_lookups(team)]


def _counts(team: Team) -> list[tuple[str, Work, Work]]:
    by_day: dict[str, Any] = {"entity": "events", "group_by": ["event"], "interval": "day"}
    ask, sql = team.ask, team.sql
    return [
        (
            "aggregate: events by name and day, all days",
            ask("crm.aggregate", **by_day, limit=200),
            sql(_BY_NAME_AND_DAY),
        ),
        (
            "the same right after a late event",
            team.after_a_late_event(ask("crm.aggregate", **by_day, limit=200)),
            sql(_BY_NAME_AND_DAY),
        ),
        (
            "aggregate: events by name, all days",
            ask("crm.aggregate", entity="events", group_by=["event"]),
            sql(_BY_NAME),
        ),
        ("get_event_types", ask("crm.event.types"), sql(_TYPES)),
        ("get_event_stats, all days", ask("crm.event.stats"), sql(_BY_DAY, *_UNIQUES)),
    ]


def _lookups(team: Team) -> list[tuple[str, Work, Work]]:
    contact, ask, sql = team.anybody[0], team.ask, team.sql
    return [
        ("list_events, first page and total", ask("crm.event.list"), sql(_LATEST, _COUNT)),
        (
            "list_events of a contact",
            ask("crm.event.list", contact_id=contact),
            sql(_OF_CONTACT, _COUNT_OF_CONTACT, given=(team.uuid(contact),)),
        ),
        (
            "get_event",
            ask("crm.event.get", event_id=team.an_event()),
            sql(_ONE, given=(team.uuid(team.an_event()),)),
        ),
        (
            "batch_get_activity, 25 contacts",
            ask("crm.activity.batch", contact_ids=team.anybody),
            sql(_ACTIVITY, _ACTIVITY_TOTALS, given=([team.uuid(one) for one in team.anybody],)),
        ),
    ]


_WHERE = "FROM crm_event WHERE workspace_id = %s AND NOT is_bot"
_BY_NAME_AND_DAY = (
    "SELECT event, date_trunc('day', timestamp, 'Europe/Berlin'), count(*) "
    f"{_WHERE} GROUP BY 1, 2 ORDER BY 2 DESC, 1"
)
_BY_DAY = f"SELECT date_trunc('day', timestamp, 'Europe/Berlin'), count(*) {_WHERE} GROUP BY 1"
_UNIQUES = tuple(
    f"SELECT count(*) FROM (SELECT DISTINCT {column} {_WHERE} "  # noqa: S608
    f"AND {column} IS NOT NULL) AS d"
    for column in ("contact_id", "company_id", "visitor_id")
)
_BY_NAME = f"SELECT event, count(*) {_WHERE} GROUP BY 1 ORDER BY 2 DESC"
_TYPES = (
    f"SELECT event, count(*), min(timestamp), max(timestamp) {_WHERE} GROUP BY 1 ORDER BY 2 DESC"
)
_COUNT = f"SELECT count(*) {_WHERE}"
_LATEST = f"SELECT * {_WHERE} ORDER BY timestamp DESC, id DESC LIMIT 20"
_OF_CONTACT = f"SELECT * {_WHERE} AND contact_id = %s ORDER BY timestamp DESC, id DESC LIMIT 20"
_COUNT_OF_CONTACT = f"SELECT count(*) {_WHERE} AND contact_id = %s"
_ACTIVITY_TOTALS = f"SELECT contact_id, count(*) {_WHERE} AND contact_id = ANY(%s) GROUP BY 1"
_ONE = f"SELECT * {_WHERE} AND id = %s"
_ACTIVITY = (
    "SELECT e.* FROM (SELECT %s::uuid AS w) AS z, unnest(%s::uuid[]) AS c "
    "CROSS JOIN LATERAL (SELECT * FROM crm_event WHERE workspace_id = w AND contact_id = c "
    "AND NOT is_bot ORDER BY timestamp DESC LIMIT 5) AS e"
)
