"""Who belongs to the workspace: seen by all, changed by admins."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import link_mail
from accounts.forms import InviteForm
from accounts.http import Request
from accounts.services import invitations, verification
from accounts.services import members as people
from core.access import Role
from core.actor import Actor
from core.errors import AppError, Conflict, ValidationFailed

ROLES = [(role.value, role.value.capitalize()) for role in Role]


@require_GET
def members(request: Request) -> HttpResponse:
    """Everyone, active first; for admins the forms too."""
    return _page(request, InviteForm())


@never_cache
@require_POST
def invite(request: Request) -> HttpResponse:
    """Mail the link of a new invitation, and show it this once: it is stored nowhere."""
    actor = request.actor
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        link = invitations.invite(actor, **form.cleaned_data)
    except (Conflict, ValidationFailed) as error:
        return _page(request, form, status=error.http_status, problem=error)
    email = form.cleaned_data["email"]
    mailed = link_mail.invite(actor, email, link)
    return _page(request, InviteForm(), link=link, invited=email, mailed=mailed)


@never_cache
@require_POST
def verification_link(request: Request, membership_id: str) -> HttpResponse:
    """Mail the link with which a member verifies an address, and show it."""
    actor = request.actor
    try:
        link, email = verification.link_by_admin(actor, membership_id)
    except Conflict as error:
        return _page(request, InviteForm(), status=error.http_status, problem=error)
    mailed = link_mail.verify(email, link)
    return _page(request, InviteForm(), link=link, invited=email, mailed=mailed)


@require_POST
def revoke_invitation(request: Request, invitation_id: str) -> HttpResponse:
    """Make a link useless."""
    invitations.revoke(request.actor, invitation_id)
    messages.success(request, "The link no longer works.")
    return redirect("members")


@require_POST
def change_role(request: Request, membership_id: str) -> HttpResponse:
    """Give a member the role in the form."""
    role = request.POST.get("role", "")
    return _change(
        request,
        "The role is changed.",
        lambda actor: people.change_role(actor, membership_id, role),
    )


@require_POST
def deactivate(request: Request, membership_id: str) -> HttpResponse:
    """End a membership."""
    return _change(
        request,
        "The member is deactivated; sessions, apps and keys stop with their next request.",
        lambda actor: people.deactivate(actor, membership_id),
    )


@require_POST
def reactivate(request: Request, membership_id: str) -> HttpResponse:
    """Let a former member in again."""
    return _change(
        request,
        "The member may log in again.",
        lambda actor: people.reactivate(actor, membership_id),
    )


def _change(request: Request, done: str, change: Callable[[Actor], object]) -> HttpResponse:
    actor = request.actor
    try:
        change(actor)
    except (Conflict, ValidationFailed) as error:
        return _page(request, InviteForm(), status=error.http_status, problem=error)
    messages.success(request, done)
    return redirect("members")


def _page(
    request: Request,
    form: InviteForm,
    *,
    status: int = 200,
    problem: AppError | None = None,
    link: str = "",
    invited: str = "",
    mailed: bool = False,
) -> HttpResponse:
    actor = request.actor
    is_admin = actor.has_role(Role.ADMIN)
    context = {
        "members": people.members(actor),
        "invitations": invitations.open_invitations(actor) if is_admin else [],
        "is_admin": is_admin,
        "roles": ROLES,
        "form": form,
        "problem": problem,
        "link": link,
        "invited": invited,
        "mailed": mailed,
    }
    return render(request, "accounts/members.html", context, status=status)
