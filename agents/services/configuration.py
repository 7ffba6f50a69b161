"""An agent's configuration: its template, the arguments of a change, and validation."""

from typing import Any

from agents import capabilities, schedules
from agents.models import Agent, AllowedProvider
from agents.planning.catalog import TEMPLATES
from agents.planning.plan import Template
from agents.providers.registry import is_configured
from agents.schemas.agents import CreateAgent, UpdateAgent
from core import clock
from core.actor import Actor
from core.errors import ValidationFailed
from core.outcomes import FieldPreview
from core.schemas import nearest
from crm import filters
from crm.filters import builder_views
from crm.queries.periods import zone_of
from identities.models import Identity

BUILTIN: dict[str, Any] = {
    "provider": "builtin",
    "model": None,
    "temperature": None,
    "max_tokens": 4096,
    "budget": 5.0,
}
_LABELS = {
    "name": "Name",
    "description": "Description",
    "playbook": "Playbook",
    "playbook_template": "Template",
    "capabilities": "Allowed proposals",
    "identity_id": "Sender",
    "filter": "Who it watches",
    "schedule_cron": "Schedule",
    "max_contacts_per_run": "Contacts per run",
    "cooldown_hours": "Hours between reviews",
    "llm_config": "Planned by",
    "enabled": "On",
}
# A card shows a change in full, so the end of a playbook cannot be approved unread.
_SHOWN = 20_000


def begin_with_template(agent: Agent, name: str | None) -> None:
    """Set the template's values; raises ValidationFailed for an unknown template."""
    if name is None:
        return
    template = _template(name)
    agent.playbook_template = template.slug
    agent.description = template.description
    agent.playbook = template.playbook
    agent.capabilities = capabilities.words_for(template.capabilities)
    agent.filter = dict(template.filter)
    agent.schedule_cron = template.schedule


def _template(name: str) -> Template:
    found = TEMPLATES.get(name)
    if found is None:
        names = sorted(TEMPLATES)
        raise ValidationFailed(
            "There is no such template.",
            field="playbook_template",
            valid_values=names,
            did_you_mean=nearest(name, names),
        )
    return found


def differences(agent: Agent, data: UpdateAgent) -> dict[str, Any]:
    """The columns whose value would change."""
    given = wanted_columns(agent, data)
    if data.playbook_template is not None:
        template = _template(data.playbook_template)
        given["playbook_template"] = template.slug
        if data.playbook is None and _is_as_delivered(agent):
            given["playbook"] = template.playbook
    elif "playbook_template" in data.model_fields_set:
        given["playbook_template"] = ""
    return {
        column: value for column, value in given.items() if argument_value(agent, column) != value
    }


def _is_as_delivered(agent: Agent) -> bool:
    known = TEMPLATES.get(agent.playbook_template)
    return not agent.playbook or (known is not None and known.playbook == agent.playbook)


def argument_value(agent: Agent, column: str) -> Any:
    """A column's value in the format of a change's arguments."""
    value = getattr(agent, column)
    return str(value) if column == "identity_id" and value else value


def wanted_columns(agent: Agent, data: CreateAgent | UpdateAgent) -> dict[str, Any]:
    """The columns set by the arguments; null clears an optional column."""
    given = data.model_dump(exclude_unset=True)
    values = {
        name: given[name]
        for name in ("name", "description", "capabilities", "enabled")
        if given.get(name) is not None
    }
    if "identity_id" in given:
        values["identity_id"] = given["identity_id"]
    if given.get("playbook"):
        values["playbook"] = given["playbook"]["playbook_md"]
    monitoring = {k: v for k, v in (given.get("monitoring") or {}).items() if v is not None}
    if "cooldown" in monitoring:
        monitoring["cooldown_hours"] = monitoring.pop("cooldown")
    if monitoring.get("filter"):
        found = filters.parse(monitoring["filter"], "monitoring.filter")
        monitoring["filter"] = filters.as_data(found)
    if given.get("llm_config"):
        values["llm_config"] = {**agent.llm_config, **given["llm_config"]}
    return values | monitoring


def with_values(agent: Agent, wanted: dict[str, Any]) -> Agent:
    """The agent as it would be; not saved."""
    values = {field.attname: getattr(agent, field.attname) for field in Agent._meta.fields}
    return Agent(**values | wanted)


def validate(actor: Actor, agent: Agent) -> None:
    """Raise ValidationFailed or NotFound unless the agent's settings are consistent."""
    if agent.identity_id is not None:
        senders = Identity.objects.visible_to(actor).active()
        senders.one(str(agent.identity_id), "identity")
    if agent.filter:
        filters.check(actor, filters.parse(agent.filter, "monitoring.filter"))
    if agent.schedule_cron:
        field = "monitoring.schedule_cron"
        schedules.check(agent.schedule_cron, zone_of(actor), clock.now(), field)
    _check_provider(actor, agent.llm_config)
    if agent.enabled:
        _check_ready(agent)


def _check_ready(agent: Agent) -> None:
    """Requirements for switching an agent on."""
    if not agent.capabilities:
        raise ValidationFailed("The agent may not propose anything yet.", field="capabilities")
    if agent.identity_id is None and capabilities.SENDING & set(agent.capabilities):
        raise ValidationFailed(
            "An agent that writes messages needs a sender.",
            hint="Choose one of the workspace's senders.",
            field="identity_id",
        )
    if not agent.playbook.strip():
        raise ValidationFailed("The agent has no playbook yet.", field="playbook")
    if agent.llm_config["provider"] == "builtin" and not agent.playbook_template:
        raise ValidationFailed(
            "The built-in planner needs a template, and this agent has none.",
            hint="Choose a template, or a model to follow the playbook.",
            field="playbook_template",
        )


def _check_provider(actor: Actor, config: dict[str, Any]) -> None:
    provider = config["provider"]
    if provider == "builtin":
        return
    if not config.get("model"):
        raise ValidationFailed("Set the model.", field="llm_config.model")
    if not is_configured(provider):
        raise ValidationFailed(
            "This server has no key for this provider.",
            hint="The operator must set it in the environment.",
            field="llm_config.provider",
        )
    if not AllowedProvider.objects.visible_to(actor).filter(provider=provider).exists():
        raise ValidationFailed(
            "This workspace does not allow this provider.",
            hint="An admin can allow it on the Agents page.",
            field="llm_config.provider",
        )


def previews(actor: Actor, agent: Agent, changes: dict[str, Any]) -> list[FieldPreview]:
    """The changes in the cards' format."""
    return [
        FieldPreview(
            field=column,
            label=_LABELS[column],
            now=_words(actor, column, getattr(agent, column)),
            will_be=_words(actor, column, value),
        )
        for column, value in changes.items()
    ]


def _words(actor: Actor, column: str, value: Any) -> str:
    """A value in the cards' format."""
    if column == "enabled":
        return "yes" if value else "no"
    if column == "capabilities":
        return ", ".join(capabilities.LABELS[word] for word in value)
    if column == "filter":
        return builder_views.words_of(actor, value)[:_SHOWN] if value else "nobody automatically"
    if column == "llm_config":
        # In a fixed order: PostgreSQL reorders the keys of JSON.
        named = [(name, value.get(name)) for name in BUILTIN]
        return ", ".join(f"{name} {given}" for name, given in named if given is not None)
    return _plain_words(actor, column, value)


def _plain_words(actor: Actor, column: str, value: Any) -> str:
    if column == "identity_id" and value:
        return str(Identity.objects.visible_to(actor).filter(pk=value).first() or "")
    if column == "schedule_cron":
        return schedules.words_of(value) if value else "only when started by hand"
    return "" if value is None else str(value)[:_SHOWN]
