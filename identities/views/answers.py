"""Shared by this app's pages: form errors, and re-entering the password."""

from django.forms import Form
from django.urls import reverse

from accounts.forms import PasswordForm
from core.actor import Actor
from core.errors import AppError


def show_result(form: Form, error: AppError) -> None:
    """Show a refusal beside the field it names, or above the form."""
    field = error.field if error.field in form.fields else None
    form.add_error(field, error.words)


def password_form(actor: Actor) -> PasswordForm | None:
    """The form that makes a login fresh, or None if it already is."""
    return None if actor.fresh_login else PasswordForm()


def page_url(name: str, *args: str) -> str:
    """A page's URL, for the form that returns to it."""
    return reverse(name, args=args)
