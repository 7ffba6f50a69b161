"""The ledger: drafts, decisions, undo."""

from api.route import Route
from approvals.gate.creation import target_of
from core.access import Scope

_ACTION = {"action_id": "act_01jd0000000000000000000000"}

ROUTES = (
    Route(
        "GET",
        "/actions",
        "approvals.action.list",
        "List actions",
        example={"status": "pending_approval"},
    ),
    Route(
        "POST",
        "/actions",
        "approvals.action.create",
        "Draft an action",
        target=target_of,
        careful=True,
        example={
            "type": "update_contact",
            "params": {
                "contact_id": "ct_01jd0000000000000000000000",
                "properties": {"jobtitle": "CTO"},
            },
            "description": "Her signature says so.",
        },
    ),
    Route("GET", "/actions/{action_id}", "approvals.action.get", "Get an action", example=_ACTION),
    Route(
        "PATCH",
        "/actions/{action_id}",
        "approvals.action.edit",
        "Edit an action",
        example={
            **_ACTION,
            "params": {
                "contact_id": "ct_01jd0000000000000000000000",
                "properties": {"jobtitle": "COO"},
            },
        },
    ),
    Route(
        "POST",
        "/actions/{action_id}/approve",
        "approvals.action.approve",
        "Approve an action",
        scopes=(Scope.ACTIONS_APPROVE,),
        example={**_ACTION, "fingerprint": "0123456789abcdef0123456789abcdef"},
    ),
    Route(
        "POST",
        "/actions/{action_id}/reject",
        "approvals.action.reject",
        "Reject an action",
        scopes=(Scope.ACTIONS_APPROVE,),
        example={**_ACTION, "reason_code": "wrong_tone"},
    ),
    Route(
        "POST",
        "/actions/{action_id}/cancel",
        "approvals.action.reject",
        "Withdraw your own draft",
        scopes=(Scope.ACTIONS_WRITE,),
        example=_ACTION,
    ),
    Route(
        "POST",
        "/actions/{action_id}/execute",
        "approvals.action.execute",
        "Execute an approved action now",
        example=_ACTION,
    ),
    Route(
        "POST",
        "/actions/{action_id}/undo",
        "approvals.action.undo",
        "Undo an action",
        scopes=(Scope.ACTIONS_WRITE, Scope.ACTIONS_APPROVE),
        any_scope=True,
        example=_ACTION,
    ),
)
