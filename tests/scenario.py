"""Two workspaces with one of everything a tool or route can name, and ids for its examples."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model

from accounts.models import Workspace
from agents.models import Proposed, Target
from approvals.attention import alerts
from approvals.attention.kinds import Kind
from approvals.models import Action
from core import clock
from core.actor import Actor
from core.models import ChangeCounter, RateBucket
from tests import factories
from tests.core.rows import OUR_APPS
from tests.team import Team

PREFIXES = {
    "contact_id": "ct",
    "contact_ids": "ct",
    "ids": "ct",  # the examples of both batches are of contacts
    "company_id": "co",
    "event_id": "evt",
    "evidence": "evt",
    "note_id": "note",
    "segment_id": "seg",
    "identity_id": "id",
    "agent_id": "ag",
    "run_id": "run",
    "action_id": "act",
    "subject_id": "act",
    "replaces": "act",
    "job_id": "job",
}
# Ids of other systems and of browsers: not our rows.
NOT_OURS = {"visitor_id", "session_id", "anonymous_id", "external_id", "thread_id"}
_PUBLIC_ID = re.compile(r"\b[a-z]+_[0-9a-hjkmnp-tv-z]{26}\b")
_VARYING = re.compile(r'"(timestamp|request_id|confirm_url|as_of|to|until|updated_at)": "[^"]*"')

# Each edit makes the next version, regardless of its arguments.
_VERSION = re.compile(r'"version": \d+')


@dataclass
class Scenario:
    """An team with one of everything, by the prefix of its id."""

    team: Team
    ids: dict[str, str]
    note_of_company: str
    letter: str

    @property
    def actor(self) -> Actor:
        """Alice's app with every scope."""
        return factories.app(self.team.alice, factories.ALL_SCOPES)

    def put(self, value: Any) -> Any:
        """An example with ids of things that are there."""
        if isinstance(value, dict):
            made = {name: self.put(part) for name, part in value.items()}
            if "note_id" in made and "company_id" in made:
                made["note_id"] = self.note_of_company
            return made
        if isinstance(value, list):
            return [self.put(part) for part in value]
        prefix, _, rest = value.partition("_01jd") if isinstance(value, str) else ("", "", "")
        return self.ids[prefix] if rest and prefix in self.ids else value


def scenario_at(place: Workspace) -> Scenario:
    """One of everything in a workspace."""
    firm = factories.company(place, f"Initech{place.slug}")
    ana = factories.contact(place, f"ana@{place.slug}.example", company=firm)
    team = Team.at(place, ana=ana, mailer=factories.sender(place))
    waiting = team.draft_change(factories.app(team.alice), city="Bilbao")["action_id"]
    letter = team.draft_mail(factories.app(team.alice))["action_id"]
    alerts.raise_for_action(Action.objects.get(pk=waiting), Kind.VOIDED)
    ids = {
        "ct": ana.pk,
        "co": firm.pk,
        "evt": factories.event(ana, company=firm, url="https://x.example/pricing").pk,
        "note": factories.note(ana).pk,
        "act": waiting,
        "id": team.mailer.pk,
        "seg": factories.segment(place, members=[ana]).pk,
        "job": factories.linkedin_login(factories.person(team.alice), team.mailer).job_id,
    }
    ids["ag"], ids["run"] = _agent_with_a_run(team, waiting)
    named = {prefix: str(pk) for prefix, pk in ids.items()}
    return Scenario(team, named, str(factories.note(firm).pk), letter)


def _agent_with_a_run(team: Team, action_id: str) -> tuple[str, str]:
    """An agent that is on, and its run that proposed an action for the team's contact."""
    agent = factories.agent(team.place, team.alice, identity=team.mailer)
    run = factories.run(agent, status="completed", finished_at=clock.now())
    Action.objects.filter(pk=action_id).update(agent_id=agent.pk, run_id=run.pk)
    target = Target.objects.create(
        workspace=team.place, run=run, contact=team.ana, position=0, state="done"
    )
    Proposed.objects.create(
        workspace=team.place,
        target=target,
        intent="fix_city",
        position=0,
        type="update_contact",
        verdict="queued",
        action_id=action_id,
        created_at=clock.now(),
    )
    return str(agent.pk), str(run.pk)


def masked(answer: Any) -> str:
    """An answer as text, without ids and time-dependent values."""
    text = json.dumps(answer, sort_keys=True, default=str)
    return _VERSION.sub('""', _VARYING.sub('""', _PUBLIC_ID.sub("ID", text)))


def counts() -> dict[str, int]:
    """The number of rows of each of our tables, except rate limits."""
    return {model.__name__: model._default_manager.count() for model in _tables()}


def _tables() -> Iterator[type[Model]]:
    for config in apps.get_app_configs():
        if config.name in OUR_APPS:
            yield from (m for m in config.get_models() if m not in {ChangeCounter, RateBucket})
