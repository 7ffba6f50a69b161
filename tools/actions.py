"""Tools about actions: drafting, reading the ledger, deciding."""

from approvals.gate.creation import target_of
from approvals.schemas.actions import CreateAction
from tools.base import Call, Tool


def _route(data: CreateAction) -> Call:
    operation, proposal = target_of(data)
    return Call(operation, data.params, proposal)


TOOLS = (
    Tool(
        name="list_actions",
        title="List actions",
        description="""
            Rows of the ledger: what waits, was decided, went out or failed, newest first. Use
            review_pending_actions to show a person what waits, with full texts.
        """,
        operation="approvals.action.list",
        examples=({"status": "pending_approval"}, {"type": "email_message", "limit": 5}),
    ),
    Tool(
        name="get_action",
        title="Get an action",
        description="""
            One action: its params, exactly what is sent, what changed since it was drafted, its
            history, the delivery receipt, and the fingerprint approve_action takes.
        """,
        operation="approvals.action.get",
        deciding=True,
        examples=({"action_id": "act_01jd0000000000000000000000"},),
    ),
    Tool(
        name="create_action",
        title="Draft an action",
        description="""
            Draft a message, a task or a record change. By default it waits for a person, who sees
            the full text, sender and recipients; the answer says what became of it and where to
            look.
            Read the contact first, and say in description and evidence what the draft is based on.
        """,
        operation="approvals.action.create",
        route=_route,
        examples=(
            {
                "type": "email_message",
                "identity_id": "id_01jd0000000000000000000000",
                "params": {
                    "contact_id": "ct_01jd0000000000000000000000",
                    "subject": "Your questions about pricing",
                    "body": "Hello Ana,\n\nyou asked about yearly plans ...",
                },
                "description": "Ana looked at the pricing page twice yesterday.",
            },
            {
                "type": "create_task",
                "params": {
                    "contact_id": "ct_01jd0000000000000000000000",
                    "title": "Call Ana about yearly plans",
                },
            },
        ),
    ),
    Tool(
        name="update_action",
        title="Change a draft",
        description="""
            Change a draft before it runs, at the person's request: params replace the whole object.
            It needs approval again, whatever was approved before. For a draft of your own, or
            as a reviewer.
        """,
        operation="approvals.action.edit",
        examples=(
            {
                "action_id": "act_01jd0000000000000000000000",
                "params": {
                    "contact_id": "ct_01jd0000000000000000000000",
                    "subject": "Prices for 40 seats",
                    "body": "Hi Ana, here they are.",
                },
            },
            {
                "action_id": "act_01jd0000000000000000000000",
                "scheduled_time": "2030-01-07T09:00:00+01:00",
            },
        ),
    ),
    Tool(
        name="approve_action",
        title="Approve an action",
        description="""
            Approve exactly the card a person has just seen and said yes to. Without permission to
            decide in chat, and for high-risk cards, nothing is decided: the answer has a
            confirm_url for the person.
        """,
        operation="approvals.action.approve",
        deciding=True,
        examples=(
            {
                "action_id": "act_01jd0000000000000000000000",
                "fingerprint": "0123456789abcdef0123456789abcdef",
            },
        ),
    ),
    Tool(
        name="reject_action",
        title="Reject or withdraw an action",
        description="""
            Reject a waiting action, with a reason the next draft can learn from; withdraw your own
            draft; or stop an approved action that has not started.
        """,
        operation="approvals.action.reject",
        deciding=True,
        examples=(
            {
                "action_id": "act_01jd0000000000000000000000",
                "reason_code": "wrong_tone",
                "reason": "Too pushy for a first message.",
            },
        ),
    ),
)
REVIEW = (
    Tool(
        name="review_pending_actions",
        title="Show what waits for approval",
        description="""
            The approval queue in one answer, grouped by requester: whole cards with recipients,
            sender, full body, evidence, high-risk reasons and fingerprint, and last a confirm_url
            for exactly these cards. Shows, never decides.
        """,
        operation="approvals.action.review",
        deciding=True,
        examples=({}, {"limit": 5, "mine": True}),
    ),
)
