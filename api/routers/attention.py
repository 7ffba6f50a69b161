"""Attention items: list, mark as seen, dismiss, draft again."""

from api.route import Route

_SUBJECT = {"subject_id": "act_01jd0000000000000000000000"}

ROUTES = (
    Route(
        "GET",
        "/attention",
        "approvals.attention.list",
        "List attention items",
        example={"limit": 5},
    ),
    Route(
        "POST",
        "/attention/{subject_id}/seen",
        "approvals.attention.seen",
        "Close your attention items about a subject",
        example=_SUBJECT,
    ),
    Route(
        "POST",
        "/attention/{subject_id}/drop",
        "approvals.attention.drop",
        "Dismiss an action's attention items for everyone",
        example=_SUBJECT,
    ),
    Route(
        "POST",
        "/actions/{action_id}/again",
        "approvals.action.again",
        "Redraft a failed, expired or withdrawn action",
        example={"action_id": "act_01jd0000000000000000000000"},
    ),
)
