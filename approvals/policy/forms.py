"""The forms of Settings, Policy."""

from typing import Any

from django import forms

from approvals import registry
from approvals.policy.schemas import DAYS, Mode, Recipient, Rule
from approvals.vocabulary import Matter, Ruling
from core.access import Role
from core.errors import ValidationFailed
from core.schemas import validated

KINDS = [
    ("app", "An app connected over MCP"),
    ("key", "An API key"),
    ("agent", "An agent"),
    ("person", "A person in the dashboard"),
]
MATTERS = [
    (Matter.RECORD.value, "Record changes that can be undone"),
    (Matter.SENSITIVE.value, "Sensitive changes (e-mail, domain, owner, consent) and deletes"),
    (Matter.SEND.value, "Messages"),
]
RECIPIENTS = [
    (Recipient.ANY.value, "Anybody"),
    (Recipient.KNOWN.value, "Known recipients only (this workspace has written to them before)"),
    (Recipient.NEW.value, "At least one new recipient"),
]
RULINGS = [
    (Ruling.QUEUE.value, "Needs approval"),
    (Ruling.REFUSE.value, "Refused"),
    (Ruling.RUN.value, "Runs without approval"),
]


Choices = list[tuple[str, str]]


def _any_of(askers: Choices) -> Choices:
    return [("", "Any"), *((pk, f"{name[0].upper()}{name[1:]}") for pk, name in askers)]


def _types() -> list[tuple[str, str]]:
    return sorted(
        ((name, f"{label} ({name})") for name, label in registry.labels().items()),
        key=lambda choice: choice[1],
    )


class RuleForm(forms.Form):
    """One rule; an empty field means any."""

    types = forms.MultipleChoiceField(
        label="Types", choices=_types, required=False, widget=forms.CheckboxSelectMultiple
    )
    matters = forms.MultipleChoiceField(
        label="What is requested",
        choices=MATTERS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    kinds = forms.MultipleChoiceField(
        label="Requested by", choices=KINDS, required=False, widget=forms.CheckboxSelectMultiple
    )
    asker = forms.ChoiceField(label="Only this requester", required=False)
    host = forms.CharField(
        label="Only the app at this host",
        max_length=253,
        required=False,
        help_text="For example claude.ai",
    )
    recipient = forms.ChoiceField(label="Recipients", choices=RECIPIENTS, required=False)
    days = forms.MultipleChoiceField(
        label="On these days",
        choices=[(str(number), name) for number, name in enumerate(DAYS)],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    begins = forms.TimeField(
        label="From", required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    ends = forms.TimeField(
        label="Until", required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    ruling = forms.ChoiceField(label="Decision", choices=RULINGS)
    four_eyes = forms.BooleanField(
        label="Requires a second approver (not the requester or an editor)", required=False
    )
    dashboard_only = forms.BooleanField(
        label="Approve in the dashboard only, never in chat", required=False
    )
    opens_red = forms.BooleanField(label="Include high-risk actions", required=False)

    def __init__(self, askers: Choices, rule_id: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rule_id = rule_id
        kept = self.initial.get("asker", "")
        gone = [(kept, "Deleted requester")] if kept not in {"", *dict(askers)} else []
        self.fields["asker"].choices = _any_of([*askers, *gone])  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The rule; an inconsistent one is a form error."""
        given = super().clean() or {}
        if self.errors:
            return given
        days = [int(day) for day in given["days"]]
        try:
            return {"rule": validated(Rule, {**given, "id": self.rule_id, "days": days})}
        except ValidationFailed as error:
            name = error.field if error.field in self.fields else None
            self.add_error(name, error.message.removeprefix("Arguments: "))
            return given


def initial_of(rule: Rule) -> dict[str, Any]:
    """The form's initial values for a rule."""
    shown = rule.model_dump(mode="json")
    return {**shown, "days": [str(day) for day in rule.days]}


class TesterForm(forms.Form):
    """A hypothetical request, to test the policy."""

    def __init__(self, askers: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["asker"].choices = _any_of(askers)  # type: ignore[attr-defined]

    type = forms.ChoiceField(label="Type", choices=_types)
    kind = forms.ChoiceField(label="Requested by", choices=KINDS)
    role = forms.ChoiceField(
        label="Role",
        choices=[(role.value, role.value.capitalize()) for role in Role if role is not Role.VIEWER],
        initial=Role.REVIEWER.value,
        required=False,
    )
    asker = forms.ChoiceField(label="Requester", required=False)
    host = forms.CharField(label="App host", max_length=253, required=False)
    recipient = forms.ChoiceField(
        label="To", choices=[("known", "Known recipient"), ("new", "New recipient")], required=False
    )
    is_red = forms.BooleanField(label="Changes e-mail, domain, owner or consent", required=False)
    executes = forms.BooleanField(
        label="May act without approval and requests it (require_approval: false)", required=False
    )


class ModeForm(forms.Form):
    """Who works here."""

    mode = forms.ChoiceField(
        label="Workspace mode",
        choices=[
            (Mode.TEAM.value, "Team: changes by assistants need approval"),
            (
                Mode.JUST_ME.value,
                "Just me: record changes by my own apps run without approval, and I can undo them",
            ),
        ],
        widget=forms.RadioSelect,
    )


class CapForm(forms.Form):
    """The message limit per recipient."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    cap_messages = forms.IntegerField(label="Messages", min_value=0, max_value=100)
    cap_days = forms.IntegerField(label="in days", min_value=1, max_value=90)


class SuppressForm(forms.Form):
    """A new suppressed address."""

    address = forms.CharField(label="E-mail address", max_length=254)
    note = forms.CharField(label="Reason (optional)", max_length=300, required=False)
