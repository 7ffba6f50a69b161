"""Members of the workspace: visible to all, changed by admins."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import link_mail
from accounts.forms import InviteForm
from accounts.http import Request
from accounts.saving import save
from accounts.services import invitations, verification
from accounts.services import members as people
from core.access import Role
from core.errors import AppError

ROLES = [(role.value, role.value.capitalize()) for role in Role]


@require_GET
def members(request: Request) -> HttpResponse:
    """Everyone, active first; for admins the forms too."""
    return _page(request)


@never_cache
@require_POST
def invite(request: Request) -> HttpResponse:
    """Mail the link of a new invitation, and show it this once: it is stored nowhere."""
    form = InviteForm(request.POST)

    def shown(link: str) -> HttpResponse:
        email = form.cleaned_data["email"]
        mailed = link_mail.invite(request.actor, email, link)
        return _page(request, link=link, invited=email, mailed=mailed)

    return save(request, invitations.invite, form, page=_page, done=shown)


@never_cache
@require_POST
def verification_link(request: Request, membership_id: str) -> HttpResponse:
    """Mail the link with which a member verifies an address, and show it."""

    def shown(made: tuple[str, str]) -> HttpResponse:
        link, email = made
        return _page(request, link=link, invited=email, mailed=link_mail.verify(email, link))

    make = verification.link_by_admin
    return save(request, make, page=_page, done=shown, membership_id=membership_id)


@require_POST
def revoke_invitation(request: Request, invitation_id: str) -> HttpResponse:
    """Make a link useless."""
    done = "Invitation revoked."
    return save(
        request,
        invitations.revoke,
        page=_page,
        done=done,
        to="members",
        invitation_id=invitation_id,
    )


@require_POST
def change_role(request: Request, membership_id: str) -> HttpResponse:
    """Change a member's role."""
    return save(
        request,
        people.change_role,
        page=_page,
        done="Role changed.",
        to="members",
        membership_id=membership_id,
        role=request.POST.get("role", ""),
    )


@require_POST
def deactivate(request: Request, membership_id: str) -> HttpResponse:
    """End a membership."""
    return save(
        request,
        people.deactivate,
        page=_page,
        done="Member deactivated. Sessions, apps and keys stop working at their next request.",
        to="members",
        membership_id=membership_id,
    )


@require_POST
def reactivate(request: Request, membership_id: str) -> HttpResponse:
    """Reactivate a former member."""
    return save(
        request,
        people.reactivate,
        page=_page,
        done="Member reactivated.",
        to="members",
        membership_id=membership_id,
    )


def _page(
    request: Request,
    form: InviteForm | None = None,
    *,
    status: int = 200,
    problem: AppError | None = None,
    **made: Any,
) -> HttpResponse:
    """With what was `made`, this once: `link`, whom it is for (`invited`), whether `mailed`."""
    actor = request.actor
    is_admin = actor.has_role(Role.ADMIN)
    context = {
        "members": people.members(actor),
        "invitations": invitations.open_invitations(actor) if is_admin else [],
        "is_admin": is_admin,
        "roles": ROLES,
        "form": form or InviteForm(),
        "problem": problem,
        **made,
    }
    return render(request, "accounts/members.html", context, status=status)
