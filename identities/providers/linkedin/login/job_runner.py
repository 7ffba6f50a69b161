"""A worker's steps of a login: submit codes, poll accounts, end overdue logins."""

from datetime import datetime, timedelta

from accounts import actors
from core import clock
from core.access import Role
from core.actor import Actor
from core.errors import AppError
from identities import secrets
from identities.models import LinkedinLogin, Step
from identities.providers.linkedin.client import Refused, Standing
from identities.providers.linkedin.login import hosted
from identities.providers.linkedin.login.queries import EXPIRED
from identities.providers.linkedin.login.steps import (
    apply_answer,
    connect,
    handle_refusal,
    provider,
    wait_again,
)
from jobs.job_context import Done, Ended, Later, Outcome, Running
from jobs.models import Job

ASK_AGAIN = timedelta(seconds=5)
LATE = "The login was not finished in time. Start it again."
_LATE = {Step.HOSTED: hosted.UNREPORTED}


def run_login(running: Running) -> Outcome:
    """One step."""
    login = _login(running)
    if login.step == Step.CONNECTED:
        result = {"identity_id": str(login.identity_id), "channel": "linkedin"}
        return Done(result, "LinkedIn is connected.")
    if login.step == Step.HOPELESS:
        message = Job.objects.filter(pk=running.id).values_list("message", flat=True).first()
        return Ended("forbidden", message or "LinkedIn rejected the login.")
    now = clock.now()
    if login.expires_at <= now and not _is_asking(login, now):
        return Ended(EXPIRED, _LATE.get(Step(login.step), LATE))
    actor = _owner(running)
    if actor is None:
        return Ended("forbidden", "The person who started the login is no longer an admin.")
    return Later(_act(actor, running, login) or _next_look(_login(running)))


def _act(actor: Actor, running: Running, login: LinkedinLogin) -> datetime | None:
    """Do the due step; returns the time for an immediate next step."""
    if login.step == Step.CHECKING:
        _hand_in(actor, running, login)
        return clock.now()
    if login.step == Step.APP:
        return clock.now() if _app_answered(actor, running, login) else None
    if login.step == Step.HOSTED:
        return clock.now() if hosted.check_account(actor, running, login) else None
    if login.step == Step.ASKING and not _is_asking(login, clock.now()):
        sentence = "The login was interrupted. Try again."
        wait_again(login, Step.CREDENTIALS, sentence, running.hold)
    return None


def _next_look(login: LinkedinLogin) -> datetime:
    now = clock.now()
    soon = {Step.APP: now + ASK_AGAIN, Step.ASKING: login.busy_until or now}
    if login.step == Step.HOSTED and login.account_id:
        soon[Step.HOSTED] = now + ASK_AGAIN
    return min(soon.get(Step(login.step), login.expires_at), max(login.expires_at, now))


def _hand_in(actor: Actor, running: Running, login: LinkedinLogin) -> None:
    """Submit the code to the provider and delete it, whatever the result."""
    try:
        code = secrets.unseal(login.code, bound_to=str(login.pk))
        answer = provider().solve(login.account_id, code)
    except Refused as refusal:
        handle_refusal(login, refusal, back_to=Step.CODE, hold=running.hold)
    except AppError as error:
        wait_again(login, Step.CODE, f"{error.message} Submit it again.", running.hold)
    else:
        apply_answer(actor, login, answer, running.hold)


def _app_answered(actor: Actor, running: Running, login: LinkedinLogin) -> bool:
    """Whether LinkedIn heard from its app; a tap there connects the account."""
    try:
        standing = provider().account(login.account_id).standing
    except Refused as refusal:
        handle_refusal(login, refusal, back_to=Step.CREDENTIALS, hold=running.hold)
        return True
    if standing is not Standing.CONNECTED:
        return False
    connect(actor, login, login.account_id, running.hold)
    return True


def _login(running: Running) -> LinkedinLogin:
    rows = LinkedinLogin.objects.filter(workspace_id=running.workspace_id, job_id=running.id)
    return rows.select_related("identity").get()


def _is_asking(login: LinkedinLogin, now: datetime) -> bool:
    return login.step == Step.ASKING and bool(login.busy_until and login.busy_until > now)


def _owner(running: Running) -> Actor | None:
    """The person who started it, while still an admin."""
    found = (
        actors.for_stored(running.owner_id, running.workspace_id, role_ceiling=Role.ADMIN)
        if running.owner_id
        else None
    )
    return found if found is not None and found.has_role(Role.ADMIN) else None
