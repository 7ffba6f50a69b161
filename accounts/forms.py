"""The forms of logging in, joining, inviting, and making keys."""

from datetime import timedelta

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from accounts.services.api_keys import KeyWish
from core.access import SCOPE_RULES, Role, Scope


class LoginForm(AuthenticationForm):
    """E-mail address and password; one sentence for every reason it does not fit."""

    error_messages = {  # noqa: RUF012 - Django's own declaration
        "invalid_login": "No account fits this address and password.",
        "inactive": "No account fits this address and password.",
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
    """Whom to invite, and as what."""

    email = forms.EmailField(label="E-mail address", max_length=254)
    role = forms.ChoiceField(
        label="Role",
        choices=[(role.value, role.value.capitalize()) for role in Role],
        initial=Role.MEMBER,
    )


class PasswordForm(forms.Form):
    """The password once more, before a door opens."""

    password = forms.CharField(
        label="Your password",
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ApiKeyForm(forms.Form):
    """What a new key may do, as what, and for how long."""

    name = forms.CharField(
        label="Name", max_length=120, help_text="Which program will use it, e.g. Nightly import."
    )
    role = forms.ChoiceField(
        label="Role",
        choices=[(role.value, role.value.capitalize()) for role in Role],
        initial=Role.MEMBER,
        help_text="Below reviewer, what the key changes waits for a person.",
    )
    lifetime = forms.TypedChoiceField(
        label="Ends",
        coerce=int,
        choices=[(30, "in 30 days"), (90, "in 90 days"), (365, "in a year"), (0, "never")],
        initial=90,
    )
    rate_limit = forms.CharField(
        label="Calls", max_length=16, required=False, help_text="Like 500/15m; empty: the default."
    )
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=[(scope.value, rule.sentence) for scope, rule in SCOPE_RULES.items()],
        widget=forms.CheckboxSelectMultiple,
    )

    def wish(self) -> KeyWish:
        """The key asked for; call it on a valid form."""
        given = self.cleaned_data
        return KeyWish(
            name=given["name"],
            scopes=frozenset(Scope(scope) for scope in given["scopes"]),
            role=Role(given["role"]),
            lifetime=timedelta(days=given["lifetime"]) if given["lifetime"] else None,
            rate_limit=given["rate_limit"].strip(),
        )
