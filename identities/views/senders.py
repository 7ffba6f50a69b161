"""Senders: seen by all, changed by admins."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import Request
from accounts.saving import Operation, save
from accounts.services.members import require_admin
from core.access import Role
from core.actor import Actor
from core.errors import AppError, Conflict
from identities.forms import LimitsForm, MailboxForm, SenderForm, show_error
from identities.providers.linkedin.login.account_check import check_connection
from identities.providers.linkedin.login.starting import start_login
from identities.providers.resend.forms import ResendAddressForm
from identities.queries import pages
from identities.services import connection_tests, mailboxes, sending_limits
from identities.services.connection_tests import Step
from identities.services.identities import (
    create_identity,
    delete_identity,
    restore_identity,
    update_identity,
)
from identities.views.answers import page_url, password_form


@never_cache
@require_GET
def senders(request: Request) -> HttpResponse:
    """Every sender and every connection, with its state."""
    actor = request.actor
    context = {
        "senders": pages.all_senders(actor),
        "shared": pages.shared(actor),
        "servers": pages.servers(actor),
        "is_admin": actor.has_role(Role.ADMIN),
    }
    return render(request, "identities/senders.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_sender(request: Request) -> HttpResponse:
    """Add a sender, then go to its page."""
    actor = request.actor
    require_admin(actor)
    form = SenderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_identity.submit(actor, form.cleaned_data)
        except AppError as error:
            show_error(form, error)
        else:
            messages.success(request, "Sender added. Connect a mailbox to send from it.")
            return redirect("sender", made.resource.identity.identity_id)
    status = 400 if request.method == "POST" else 200
    return render(request, "identities/new_sender.html", {"form": form}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sender(request: Request, identity_id: str) -> HttpResponse:
    """One sender and its forms; POST changes name, role and signature."""
    if request.method != "POST":
        return _page(request, identity_id)
    form = SenderForm(request.POST)
    return _save(request, update_identity, identity_id, "person", form, "Sender saved.")


@never_cache
@require_POST
def save_mailbox(request: Request, identity_id: str) -> HttpResponse:
    """Connect or change the mailbox."""
    form, done = MailboxForm(request.POST), "Mailbox saved. Test it before you rely on it."
    return _save(request, mailboxes.save_mailbox, identity_id, "mailbox", form, done)


@never_cache
@require_POST
def save_resend_address(request: Request, identity_id: str) -> HttpResponse:
    """Set the sender's address at Resend."""
    form, done = ResendAddressForm(request.POST), "Address saved."
    return _save(request, sending_limits.set_resend_address, identity_id, "resend", form, done)


@never_cache
@require_POST
def save_limits(request: Request, identity_id: str) -> HttpResponse:
    """Set how much and when the sender sends."""
    form, done = LimitsForm(request.POST), "Limits saved."
    return _save(request, sending_limits.set_limits, identity_id, "limits", form, done)


@require_POST
def connect_linkedin(request: Request, identity_id: str) -> HttpResponse:
    """Start a login, or continue the open one."""
    actor = request.actor
    try:
        job_id = start_login.submit(actor, {"identity_id": identity_id}).job_id
    except Conflict as conflict:
        if "job_id" not in conflict.facts:
            messages.error(request, conflict.words)
            return redirect("sender", identity_id)
        job_id = conflict.facts["job_id"]
    return redirect("linkedin_login", job_id)


@require_POST
def check_linkedin(request: Request, identity_id: str) -> HttpResponse:
    """Check the account now, and show the result."""
    actor = request.actor
    found = check_connection.submit(actor, {"identity_id": identity_id})
    tell_how = messages.success if found.status == "connected" else messages.warning
    tell_how(request, f"LinkedIn: {found.message}")
    return redirect("sender", identity_id)


@require_POST
def remove_sender(request: Request, identity_id: str) -> HttpResponse:
    """Remove a sender; it can be restored."""
    delete_identity.submit(request.actor, {"identity_id": identity_id})
    messages.success(request, "Sender removed. Nothing is sent under its name.")
    return redirect("senders")


@require_POST
def restore_sender(request: Request, identity_id: str) -> HttpResponse:
    """Bring a removed sender back."""
    restore_identity.submit(request.actor, {"identity_id": identity_id})
    messages.success(request, "Sender restored.")
    return redirect("sender", identity_id)


@never_cache
@require_POST
def try_mailbox(request: Request, mailbox_id: str) -> HttpResponse:
    """Test the logins, and show the results in place."""
    return _tried(request, mailbox_id, connection_tests.try_mailbox)


@never_cache
@require_POST
def send_test_message(request: Request, mailbox_id: str) -> HttpResponse:
    """Send the mailbox a message from itself."""
    return _tried(request, mailbox_id, connection_tests.send_test_message)


@require_POST
def close_resend_address(request: Request, identity_id: str) -> HttpResponse:
    """Forget the sender's address at Resend."""
    return save(
        request,
        sending_limits.set_resend_address,
        done="The sender no longer sends through Resend.",
        to=page_url("sender", identity_id),
        identity_id=identity_id,
        resend_address="",
    )


@require_POST
def close_mailbox(request: Request, mailbox_id: str) -> HttpResponse:
    """Forget the mailbox and its password."""
    identity_id = str(pages.mailbox(request.actor, mailbox_id).identity_id)
    done, to = (
        "Mailbox disconnected. The stored password was deleted.",
        page_url("sender", identity_id),
    )
    return save(request, mailboxes.close_mailbox, done=done, to=to, mailbox_id=mailbox_id)


def _tried(
    request: Request, mailbox_id: str, attempt: Callable[[Actor, str], list[Step]]
) -> HttpResponse:
    actor = request.actor
    steps = attempt(actor, mailbox_id)
    identity_id = pages.mailbox(actor, mailbox_id).identity_id
    return _page(request, str(identity_id), steps=steps)


def _save(  # noqa: PLR0913 - one of the page's four forms
    request: Request,
    operation: Operation[object],
    identity_id: str,
    name: str,
    form: Form,
    done: str,
) -> HttpResponse:
    """Save a valid form and return, or show the form with its errors."""

    def page(
        request: Request, form: Form, *, status: int = 200, problem: AppError | None = None
    ) -> HttpResponse:
        if problem is not None:
            form.add_error(None, problem.words)
        return _page(request, identity_id, status=status, forms={name: form})

    to = page_url("sender", identity_id)
    return save(request, operation, form, page=page, done=done, to=to, identity_id=identity_id)


def _page(
    request: Request,
    identity_id: str,
    *,
    status: int = 200,
    forms: dict[str, Form] | None = None,
    steps: list[Step] | None = None,
) -> HttpResponse:
    actor = request.actor
    require_admin(actor)
    shown = pages.sender_page(actor, identity_id)
    context: dict[str, Any] = {
        "shown": shown,
        "person": SenderForm.of(shown.identity),
        "mailbox": MailboxForm.of(shown.mailbox),
        "resend": ResendAddressForm(initial={"resend_address": shown.identity.resend_address}),
        "limits": LimitsForm.of(shown.identity),
        "steps": steps or [],
        "password": password_form(actor),
        "here": page_url("sender", identity_id),
        "senders_url": reverse("senders"),
        "has_google": bool(settings.GOOGLE_CLIENT_ID),
        **(forms or {}),
    }
    return render(request, "identities/sender.html", context, status=status)
