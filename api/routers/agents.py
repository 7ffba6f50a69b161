from api.route import Route
from core.access import Scope

_AGENT = {"agent_id": "ag_01jd0000000000000000000000"}
_RUN = {"run_id": "run_01jd0000000000000000000000"}
_PROPOSAL = {**_RUN, "contact_id": "ct_01jd0000000000000000000000", "index": 0}
_INDEX = "/agents/runs/{run_id}/contacts/{contact_id}/actions/{index}"

ROUTES = (
    Route("GET", "/agents", "agents.agent.list", "List agents", example={"enabled": True}),
    Route(
        "POST",
        "/agents",
        "agents.agent.create",
        "Add an agent",
        example={"name": "Pricing", "playbook_template": "pricing_visitor_followup"},
    ),
    Route(
        "GET",
        "/agents/runs/{run_id}",
        "agents.run.get",
        "Get a run",
        example={**_RUN, "mode": "full"},
    ),
    Route(
        "POST",
        f"{_INDEX}/approve",
        "agents.run.approve",
        "Approve a run's proposal",
        scopes=(Scope.AGENTS_APPROVE,),
        example={**_PROPOSAL, "fingerprint": "0" * 32},
    ),
    Route(
        "POST",
        f"{_INDEX}/reject",
        "agents.run.reject",
        "Reject a run's proposal",
        scopes=(Scope.AGENTS_APPROVE,),
        example={**_PROPOSAL, "reason_code": "wrong_time"},
    ),
    Route("GET", "/agents/{agent_id}", "agents.agent.get", "Get an agent", example=_AGENT),
    Route(
        "PATCH",
        "/agents/{agent_id}",
        "agents.agent.update",
        "Change an agent",
        example={**_AGENT, "enabled": False},
    ),
    Route("DELETE", "/agents/{agent_id}", "agents.agent.delete", "Remove an agent", example=_AGENT),
    Route(
        "POST",
        "/agents/{agent_id}/trigger",
        "agents.agent.trigger",
        "Start a run",
        example=_AGENT,
        poll_with="GET /v1/agents/runs/{run_id}",
    ),
    Route("GET", "/agents/{agent_id}/runs", "agents.run.list", "List runs", example=_AGENT),
)
