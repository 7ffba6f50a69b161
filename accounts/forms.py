"""The forms of logging in, joining, inviting, and making keys."""

import zoneinfo
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from accounts.models.user import NOTICE_CHOICES
from accounts.services.api_keys import NewKey
from core.access import SCOPE_RULES, Role, Scope
from core.audit_log import AuditFilter


class LoginForm(AuthenticationForm):
    """E-mail address and password; one sentence for every reason of a failed login."""

    error_messages = {  # noqa: RUF012 - Django's own declaration
        "invalid_login": "Wrong e-mail address or password.",
        "inactive": "Wrong e-mail address or password.",
    }
    username = forms.EmailField(
        label="E-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


class JoinForm(forms.Form):
    """A new person's name and password."""

    name = forms.CharField(
        label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label="Password",
        max_length=1024,
        strip=False,
        help_text="At least 10 characters.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class InviteForm(forms.Form):
    """The invited address, and its role."""

    email = forms.EmailField(label="E-mail address", max_length=254)
    role = forms.ChoiceField(
        label="Role",
        choices=[(role.value, role.value.capitalize()) for role in Role],
        initial=Role.MEMBER,
    )


class PasswordForm(forms.Form):
    """Re-entering the password, before external access is enabled."""

    password = forms.CharField(
        label="Your password",
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ApiKeyForm(forms.Form):
    """A new key's scopes, role and lifetime."""

    name = forms.CharField(
        label="Name",
        max_length=120,
        help_text="The program that uses it, for example Nightly import.",
    )
    role = forms.ChoiceField(
        label="Role",
        choices=[(role.value, role.value.capitalize()) for role in Role],
        initial=Role.MEMBER,
        help_text="Below reviewer, changes made with the key need approval.",
    )
    lifetime = forms.TypedChoiceField(
        label="Expires",
        coerce=int,
        choices=[(30, "in 30 days"), (90, "in 90 days"), (365, "in a year"), (0, "never")],
        initial=90,
    )
    rate_limit = forms.CharField(
        label="Rate limit",
        max_length=16,
        required=False,
        help_text="For example 500/15m. Leave empty for the default.",
    )
    scopes = forms.MultipleChoiceField(
        label="Permissions",
        choices=[(scope.value, rule.sentence) for scope, rule in SCOPE_RULES.items()],
        widget=forms.CheckboxSelectMultiple,
    )

    def clean(self) -> dict[str, NewKey]:
        """The requested key."""
        given = super().clean() or {}
        if self.errors:
            return given
        new_key = NewKey(
            name=given["name"],
            scopes=frozenset(Scope(scope) for scope in given["scopes"]),
            role=Role(given["role"]),
            lifetime=timedelta(days=given["lifetime"]) if given["lifetime"] else None,
            rate_limit=given["rate_limit"].strip(),
        )
        return {"new_key": new_key}


@cache
def _zones() -> list[tuple[str, str]]:
    return [("", "The workspace's time zone"), *((zone, zone) for zone in sorted(_named_zones()))]


def _named_zones() -> set[str]:
    known = zoneinfo.available_timezones()
    return {zone for zone in known if "/" in zone and not zone.startswith("Etc/")} | {"UTC"}


class MeForm(forms.Form):
    """One's own name, zone and notices."""

    name = forms.CharField(
        label="Name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    time_zone = forms.ChoiceField(
        label="Time zone",
        choices=_zones,
        required=False,
        help_text="Used for your working hours (8 to 18, Monday to Friday).",
    )
    notices = forms.ChoiceField(
        label="Notifications",
        choices=NOTICE_CHOICES,
        help_text="You are always notified about new external access.",
    )
    notice_place = forms.ChoiceField(
        label="Send notifications to",
        required=False,
        help_text="Slack channels allowed by an admin. What can't be posted is e-mailed.",
    )

    def __init__(self, places: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["notice_place"]
        field.choices = [("", "By e-mail"), *places]  # type: ignore[attr-defined]


class AuditForm(forms.Form):
    """Which rows of the audit log."""

    who = forms.CharField(label="Who", max_length=100, required=False)
    verb = forms.CharField(label="Action", max_length=64, required=False)
    object_id = forms.CharField(label="Object id", max_length=64, required=False)
    since = forms.DateField(
        label="From", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label="Until", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def wanted(self) -> AuditFilter:
        """The requested rows; all if the form has errors."""
        return AuditFilter(**self.cleaned_data) if self.is_valid() else AuditFilter()

    def query(self) -> str:
        """The same as part of an address."""
        given = self.cleaned_data if self.is_valid() else {}
        return urlencode({name: value for name, value in given.items() if value})
