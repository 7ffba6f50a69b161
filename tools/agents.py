from tools.base import Tool

_AGENT = "ag_01jd0000000000000000000000"
_RUN = "run_01jd0000000000000000000000"

TOOLS = (
    Tool(
        name="list_agents",
        title="List agents",
        description="""
            The workers of this workspace that watch contacts and propose actions, newest first,
            with schedule and latest run.
        """,
        operation="agents.agent.list",
        examples=({}, {"enabled": True}),
    ),
    Tool(
        name="get_agent",
        title="Get an agent",
        description="""
            One agent: playbook, what it may propose, whom it watches and when, its model,
            and what reviewers said of its proposals.
        """,
        operation="agents.agent.get",
        examples=({"agent_id": _AGENT},),
    ),
    Tool(
        name="update_agent",
        title="Change an agent",
        description="""
            Change parts of an agent, or switch it on or off; omitted fields stay. An admin
            decides.
        """,
        operation="agents.agent.update",
        examples=(
            {"agent_id": _AGENT, "enabled": False},
            {"agent_id": _AGENT, "monitoring": {"schedule_cron": "0 9 * * 1-5", "cooldown": 168}},
        ),
    ),
    Tool(
        name="trigger_agent",
        title="Start an agent",
        description="""
            Start a run now and return at once; poll get_agent_run. What the agent proposes waits
            for people.
        """,
        operation="agents.agent.trigger",
        examples=(
            {"agent_id": _AGENT},
            {"agent_id": _AGENT, "contact_ids": ["ct_01jd0000000000000000000000"]},
        ),
        poll_with="get_agent_run with run_id {run_id}",
    ),
    Tool(
        name="list_agent_runs",
        title="List an agent's runs",
        description="The runs of one agent, newest first, with their numbers.",
        operation="agents.run.list",
        examples=({"agent_id": _AGENT, "status": "completed"},),
    ),
    Tool(
        name="get_agent_run",
        title="Get a run",
        description="""
            Progress and results of a run. mode full: each contact with what was read, the
            reasoning and the proposals.
        """,
        operation="agents.run.get",
        examples=({"run_id": _RUN}, {"run_id": _RUN, "mode": "full", "page": 2}),
    ),
)
