"""The forms of logging in, joining and inviting."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from core.access import Role


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
