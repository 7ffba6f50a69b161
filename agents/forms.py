"""The forms of agents. Its contacts are chosen by a filter (crm.filters.builder_form)."""

from typing import Any

from django import forms
from django.http import QueryDict

from agents.capabilities import LABELS, words_for
from agents.planning.catalog import TEMPLATES
from agents.planning.plan import Template
from agents.schedules import words_of
from agents.schemas.agents import AgentDetail
from core.errors import AppError
from identities.models import Identity

NO_TEMPLATE = "blank"
OWN_SCHEDULE = "own"
_USUAL = ("0 9 * * 1-5", "0 9 * * *", "0 9 * * 1", "0 9,13,17 * * 1-5", "0 * * * *")
_OFFERED = sorted({*_USUAL, *(template.schedule for template in TEMPLATES.values())})
SCHEDULES = [
    ("", "Only when started by hand"),
    *((cron, words_of(cron)) for cron in _OFFERED),
    (OWN_SCHEDULE, "Custom (see below)"),
]
PROVIDERS = [
    ("builtin", "Built-in planner (no model)"),
    ("anthropic", "Anthropic model"),
    ("openai", "OpenAI model, or a compatible server"),
]
_MOST_ADDRESSES = 500
# Where an error of the operation is shown.
_PLACES = {
    "monitoring.schedule_cron": "schedule_cron",
    "monitoring.max_contacts_per_run": "max_contacts_per_run",
    "monitoring.cooldown": "cooldown",
    "llm_config.provider": "provider",
    "llm_config.model": "model",
    "llm_config.temperature": "temperature",
    "llm_config.max_tokens": "max_tokens",
    "llm_config.budget": "budget",
    "playbook.playbook_md": "playbook",
}


class AgentForm(forms.Form):
    """All settings of an agent except its filter and whether it is on."""

    name = forms.CharField(
        label="Name", max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    description = forms.CharField(label="Purpose", max_length=500, required=False)
    playbook = forms.CharField(
        label="Playbook",
        max_length=20_000,
        required=False,
        strip=False,
        help_text="What to look for, what to propose and when not to, in Markdown, for the model "
        "and for reviewers. The built-in planner ignores it and follows its template's "
        "rules.",
        widget=forms.Textarea(attrs={"rows": 18}),
    )
    capabilities = forms.MultipleChoiceField(
        label="Allowed proposals",
        choices=list(LABELS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    identity_id = forms.ChoiceField(
        label="Sender",
        required=False,
        help_text="The sender it drafts messages for. Required if the agent writes messages.",
    )
    schedule = forms.ChoiceField(label="When it runs", choices=SCHEDULES, required=False)
    schedule_cron = forms.CharField(
        label="Custom schedule",
        max_length=120,
        required=False,
        help_text="Minute, hour, day, month, weekday, as in 30 7 * * 1-5; at most every 15 "
        "minutes. Only where “Custom (see below)” is chosen.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    max_contacts_per_run = forms.IntegerField(
        label="Maximum contacts per run", min_value=1, max_value=500, initial=25
    )
    cooldown = forms.IntegerField(
        label="Hours before it reviews the same contact again",
        min_value=0,
        max_value=8760,
        initial=72,
    )
    playbook_template = forms.ChoiceField(
        label="Template of the built-in planner",
        required=False,
        help_text="The template the built-in planner follows.",
    )
    provider = forms.ChoiceField(label="Planned by", choices=PROVIDERS)
    model = forms.CharField(
        label="Model",
        max_length=80,
        required=False,
        help_text="The provider's model name. Not used by the built-in planner.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    temperature = forms.FloatField(
        label="Temperature",
        min_value=0,
        max_value=2,
        required=False,
        help_text="Leave empty for the model's default.",
    )
    max_tokens = forms.IntegerField(
        label="Maximum tokens per answer", min_value=256, max_value=32_000, initial=4096
    )
    budget = forms.FloatField(
        label="Budget in US dollars per day", min_value=0, max_value=1000, initial=5
    )

    def __init__(self, senders: list[Identity], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(str(row.pk), str(row)) for row in senders]
        self.fields["identity_id"].choices = [("", "None"), *named]  # type: ignore[attr-defined]
        known = [(template.slug, template.title) for template in TEMPLATES.values()]
        choices = [("", "None"), *known]
        self.fields["playbook_template"].choices = choices  # type: ignore[attr-defined]

    @classmethod
    def as_typed(cls, senders: list[Identity], given: QueryDict) -> "AgentForm":
        """The current form while its filter is being built: nothing is validated."""
        form = cls(senders)
        form.initial = {
            name: field.widget.value_from_datadict(given, {}, name)
            for name, field in form.fields.items()
        }
        return form

    @classmethod
    def of(cls, senders: list[Identity], agent: AgentDetail) -> "AgentForm":
        """The form filled from the agent."""
        monitoring, config = agent.monitoring, agent.llm_config
        return cls(
            senders,
            initial={
                "name": agent.name,
                "description": agent.description,
                "playbook": agent.playbook.playbook_md,
                "capabilities": agent.capabilities,
                "identity_id": agent.identity_id,
                "playbook_template": agent.playbook_template,
                "max_contacts_per_run": monitoring.max_contacts_per_run,
                "cooldown": monitoring.cooldown,
                **config.model_dump(),
                **_schedule_given(monitoring.schedule_cron or ""),
            },
        )

    @classmethod
    def beginning(cls, senders: list[Identity], template: Template | None) -> "AgentForm":
        """The form of a new agent; a single sender is preselected."""
        own = {"identity_id": str(senders[0].pk)} if len(senders) == 1 else {}
        if template is None:
            return cls(senders, initial=own)
        return cls(
            senders,
            initial={
                **own,
                "name": template.title,
                "description": template.description,
                "playbook": template.playbook,
                "capabilities": words_for(template.capabilities),
                "playbook_template": template.slug,
                **_schedule_given(template.schedule),
            },
        )

    def cleaned(self, wanted_filter: Any) -> dict[str, Any]:
        """The agent in the operations' format; call it on a valid form."""
        given = self.cleaned_data
        is_own = given["schedule"] == OWN_SCHEDULE
        return {
            "name": given["name"],
            "description": given["description"],
            "playbook": {"playbook_md": given["playbook"].replace("\r\n", "\n")},
            "playbook_template": given["playbook_template"] or None,
            "capabilities": given["capabilities"],
            "identity_id": given["identity_id"] or None,
            "monitoring": {
                "filter": wanted_filter,
                "schedule_cron": given["schedule_cron"] if is_own else given["schedule"],
                "max_contacts_per_run": given["max_contacts_per_run"],
                "cooldown": given["cooldown"],
            },
            "llm_config": {
                "provider": given["provider"],
                "model": given["model"] or None,
                "temperature": given["temperature"],
                "max_tokens": given["max_tokens"],
                "budget": given["budget"],
            },
        }

    def tell(self, refusal: AppError) -> None:
        """Show an error next to its field, or above the form."""
        place = _PLACES.get(refusal.field or "", refusal.field)
        words = f"{refusal.message_beside} {refusal.hint}".strip()
        self.add_error(place if place in self.fields else None, words)


class PeopleForm(forms.Form):
    """The contacts to review, by address; empty: those the agent watches."""

    addresses = forms.CharField(
        label="Only these contacts",
        required=False,
        help_text="E-mail addresses, one per line. Leave empty for the contacts it watches.",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )

    def clean_addresses(self) -> list[str]:
        """The addresses, at most 500."""
        found = str(self.cleaned_data["addresses"]).replace(",", " ").split()
        if len(found) > _MOST_ADDRESSES:
            raise forms.ValidationError(f"At most {_MOST_ADDRESSES} addresses.")
        return found


def _schedule_given(cron: str) -> dict[str, str]:
    is_offered = cron in {value for value, _ in SCHEDULES}
    return {
        "schedule": cron if is_offered else OWN_SCHEDULE,
        "schedule_cron": "" if is_offered else cron,
    }
