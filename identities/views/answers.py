"""Shared by this app's pages: re-entering the password, and where a form returns to."""

from django.urls import reverse

from accounts.forms import PasswordForm
from core.actor import Actor


def password_form(actor: Actor) -> PasswordForm | None:
    """The form that makes a login fresh, or None if it already is."""
    return None if actor.fresh_login else PasswordForm()


def page_url(name: str, *args: str) -> str:
    """A page's URL, for the form that returns to it."""
    return reverse(name, args=args)
