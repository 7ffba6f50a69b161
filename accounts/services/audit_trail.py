"""The audit log as admins see it: looking, taking a copy, checking that it is whole (data-7)."""

from collections.abc import Iterator

from django.db.models import QuerySet

from accounts.services import notices
from accounts.services.members import require_admin
from core import audit, audit_log, chain, seals
from core.actor import Actor
from core.audit_log import AuditFilter
from core.db import unit
from core.errors import Conflict, Forbidden, ValidationFailed
from core.models import AuditEntry, ChainCheck

LARGE_COPY_ROWS = 200  # a larger copy needs a fresh login (security-5)
CHECKED_AT_ONCE = 20_000


class PasswordFirst(Forbidden):
    """The copy is large: a fresh login is needed."""


def entries(actor: Actor, wanted: AuditFilter) -> QuerySet[AuditEntry]:
    """The matching rows, newest first. Raises Forbidden for everyone but admins."""
    require_admin(actor)
    return audit_log.rows(actor.workspace_id, wanted)


def export(actor: Actor, wanted: AuditFilter, form: str) -> tuple[Iterator[str], str]:
    """The parts and the content type of an export; the export itself is logged.

    Raises PasswordFirst for an export of more than 200 rows without a fresh login.
    """
    if form not in audit_log.FORMATS:
        raise ValidationFailed(
            "Unknown format.", field="format", valid_values=sorted(audit_log.FORMATS)
        )
    found = entries(actor, wanted)
    needs_password = needs_fresh_login(found.count())
    if needs_password and not actor.fresh_login:
        raise PasswordFirst(
            f"Exporting more than {LARGE_COPY_ROWS} rows requires your password.",
            hint="Re-enter it, then export again.",
        )
    with unit():
        entry = audit.record(actor, "core.audit.exported", fields=[form])
        if needs_password:
            _tell_admins(actor, str(entry.pk))
    write, content_type = audit_log.FORMATS[form]
    return write(found.filter(pk__lt=entry.pk)), content_type


def needs_fresh_login(rows: int) -> bool:
    """Whether an export of this many rows needs a fresh login."""
    return rows > LARGE_COPY_ROWS


def state(actor: Actor) -> tuple[int, ChainCheck | None]:
    """The chain's number of rows, and the result of the last check."""
    require_admin(actor)
    head = seals.head_of(actor.workspace_id)
    return head.number if head else 0, chain.last_check(actor.workspace_id)


def check_now(actor: Actor) -> ChainCheck:
    """Verify the workspace's chain. Raises Conflict if that takes too long for a page."""
    length, _ = state(actor)
    if length > CHECKED_AT_ONCE:
        raise Conflict(
            "This chain is too long to check here; it is checked every night.",
            hint="An operator can run manage.py verify_audit at any time.",
        )
    return chain.save_report(chain.verify(actor.workspace_id))


def check_all() -> int:
    """Verify every chain and notify the admins of broken ones; returns their number."""
    faults = 0
    for place in chain.chains():
        check = chain.save_report(chain.verify(place))
        if not check.fault:
            continue
        faults += 1
        if place is not None:
            tell_of_fault(place, check)
    return faults


def tell_of_fault(workspace_id: str, check: ChainCheck) -> None:
    """A notice to every admin, once a day and fault."""
    with unit():
        notices.post(
            workspace_id,
            notices.admins_of(workspace_id),
            notices.Kind.AUDIT,
            f"audit:{check.at:%Y-%m-%d}",
            what="The audit log was altered",
            path="/settings/audit/",
        )


def _tell_admins(actor: Actor, entry_id: str) -> None:
    notices.post(
        actor.workspace_id,
        notices.admins_of(actor.workspace_id),
        notices.Kind.ACCESS,
        f"export:{entry_id}",
        what="A large part of the audit log was exported",
        path="/settings/audit/",
    )
