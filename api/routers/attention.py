"""What calls for attention: looking, seen, dropped, drafted again."""

from api.route import Route

_SUBJECT = {"subject_id": "act_01jd0000000000000000000000"}

ROUTES = (
    Route(
        "GET",
        "/attention",
        "approvals.attention.list",
        "List what calls for attention",
        example={"limit": 5},
    ),
    Route(
        "POST",
        "/attention/{subject_id}/seen",
        "approvals.attention.seen",
        "Close one's own rows about something",
        example=_SUBJECT,
    ),
    Route(
        "POST",
        "/attention/{subject_id}/drop",
        "approvals.attention.drop",
        "Leave an action as it is, for everybody",
        example=_SUBJECT,
    ),
    Route(
        "POST",
        "/actions/{action_id}/again",
        "approvals.action.again",
        "Draft again what failed, expired or was taken back",
        example={"action_id": "act_01jd0000000000000000000000"},
    ),
)
