"""The steps of a login page with the provider, and how the provider's answers advance a login.

The provider is called outside every transaction. Before the call the login is marked as busy, so
that two tabs do not log in twice; after it the job must still be open, or nothing is kept.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import F

from accounts.services import access_grants
from accounts.services.members import require_admin
from core import audit, clock
from core.actor import Actor, ActorKind
from core.db import unit
from core.errors import AppError, Conflict, NotFound, Paused
from core.operations import paused
from identities import channels
from identities.models import LinkedinLogin, Step
from identities.providers.linkedin.client import (
    Answer,
    Challenge,
    Checkpoint,
    CheckpointOver,
    Connected,
    LinkedinProvider,
    LoginImpossible,
    Refused,
    WrongCode,
)
from identities.providers.linkedin.login.queries import known_account, login_of, login_out
from identities.providers.linkedin.login.schemas import Credentials, GetLogin, LoginOut
from identities.providers.linkedin.unipile import LOGIN_SECONDS, Unipile
from identities.services.connections import keep_linkedin
from jobs.services import jobs

TRIES = 5
BUSY = timedelta(seconds=LOGIN_SECONDS + 10)
SAID = {
    Challenge.CODE: "LinkedIn requires a code from an authenticator app, an SMS or an e-mail.",
    Challenge.APP: "Confirm the login in the LinkedIn app on your phone.",
}
BY_HAND = "Log in once at linkedin.com in a browser, then start again."
Hold = Callable[[], None]


def provider() -> LinkedinProvider:
    """The provider."""
    return Unipile()


def log_in(actor: Actor, job_id: str, given: Credentials) -> None:
    """Send the credentials to the provider, once; they are never stored.

    Raises Forbidden unless the actor is an admin with a fresh login (for a key: when it was
    created), NotFound for a login that another person started, Conflict when none are required.
    """
    refuse_unfit(actor)
    login = own_login(actor, job_id)
    _begin(actor, login)
    hold = _touching(login)
    try:
        answer = _ask(login, given)
    except Refused as refusal:
        handle_refusal(login, refusal, back_to=Step.CREDENTIALS, hold=hold)
    except AppError as error:
        wait_again(login, Step.CREDENTIALS, error.words, hold)
    else:
        apply_answer(actor, login, answer, hold)


def log_in_at_once(actor: Actor, started: dict[str, Any], given: Credentials) -> LoginOut:
    """The same directly after the start, for a program that has the credentials (REST)."""
    log_in(actor, started["job_id"], given)
    return login_out(login_of(actor, GetLogin(job_id=started["job_id"])))


def _ask(login: LinkedinLogin, given: Credentials) -> Answer:
    """Reconnect the previous account; a new one if there was none or it was deleted there."""
    known = known_account(login)
    try:
        return provider().log_in(
            given.username, given.password, country=login.country, account_id=known
        )
    except CheckpointOver:
        if not known:
            raise
    return provider().log_in(given.username, given.password, country=login.country, account_id="")


def resend(actor: Actor, job_id: str) -> None:
    """Have LinkedIn send another code."""
    login = own_login(actor, job_id)
    if login.step != Step.CODE:
        raise Conflict("This login does not need a code right now.", hint="Reload the page.")
    try:
        provider().resend(login.account_id)
        said = "Another code was sent."
    except Refused as refusal:
        said = refusal.sentence
    except AppError as error:
        said = error.words
    with unit():
        jobs.wake_job(str(login.workspace_id), str(login.job_id), message=said)


def apply_answer(actor: Actor, login: LinkedinLogin, answer: Answer, hold: Hold) -> None:
    """Advance the login by the provider's answer; `hold` refuses if it has ended."""
    if isinstance(answer, Connected):
        connect(actor, login, answer.account_id, hold)
    elif answer.challenge is Challenge.UNSOLVABLE:
        handle_refusal(
            login, LoginImpossible("LinkedIn requires more than a code."), Step.CREDENTIALS, hold
        )
    else:
        _challenge(login, answer, hold)


def connect(actor: Actor, login: LinkedinLogin, account_id: str, hold: Hold) -> None:
    """Store the account of a successful login."""
    try:
        name = provider().account(account_id).name
    except (Refused, AppError):  # the name is a nicety; the login worked
        name = ""
    store_account(actor, login, account_id, name, hold)


def store_account(
    actor: Actor, login: LinkedinLogin, account_id: str, name: str, hold: Hold
) -> None:
    """Store the account for the sender, and notify the other admins."""
    with unit():
        hold()
        channel = keep_linkedin(actor, login.identity, account_id, name)
        channels.recover(channel)
        _move(login, Step.CONNECTED, account_id=account_id)


def handle_refusal(login: LinkedinLogin, refusal: Refused, back_to: Step, hold: Hold) -> None:
    """Let the person try again, or end the login if that is useless."""
    if isinstance(refusal, CheckpointOver):
        wait_again(login, Step.CREDENTIALS, f"{refusal.sentence} Log in again.", hold)
    elif isinstance(refusal, LoginImpossible):
        _end(login, f"{refusal.sentence} {BY_HAND}", hold)
    elif login.tries + 1 >= TRIES:
        _end(login, f"{refusal.sentence} That was the last of {TRIES} attempts.", hold)
    else:
        step = Step.CODE if isinstance(refusal, WrongCode) else back_to
        wait_again(login, step, f"{refusal.sentence} Try again.", hold, tries=login.tries + 1)


def wait_again(
    login: LinkedinLogin, step: Step, sentence: str, hold: Hold, tries: int | None = None
) -> None:
    """Wait for the person once more."""
    with unit():
        hold()
        _move(login, step, tries=login.tries if tries is None else tries)
        show_message(login, sentence)


def refuse_unfit(actor: Actor) -> None:
    """Raise Forbidden or Paused unless the actor may enable external access now."""
    # A key is external access itself: an admin made it with a fresh login (access-11).
    require_admin(actor) if actor.kind is ActorKind.KEY else access_grants.require(actor)
    if said := paused(actor):
        raise Paused(said, hint="An admin must resume it first.")


def own_login(actor: Actor, job_id: str) -> LinkedinLogin:
    """The actor's own login; raises NotFound for another person's."""
    login = login_of(actor, GetLogin(job_id=job_id))
    if login.job.owner_id != actor.user_id:
        raise NotFound("login")
    return login


def _begin(actor: Actor, login: LinkedinLogin) -> None:
    """Mark it busy; of two tabs one continues."""
    with unit():
        jobs.wake_job(str(login.workspace_id), str(login.job_id), message="Waiting for LinkedIn.")
        waiting = LinkedinLogin.objects.filter(
            pk=login.pk, step=Step.CREDENTIALS, expires_at__gt=clock.now()
        )
        if waiting.update(step=Step.ASKING, busy_until=clock.now() + BUSY) != 1:
            raise Conflict(
                "This login does not need a password right now.", hint="Reload the page."
            )
        ids = {"job_id": str(login.job_id), "identity_id": str(login.identity_id)}
        audit.record(actor, "identities.linkedin.log_in", object_ids=ids)


def _touching(login: LinkedinLogin) -> Hold:
    return lambda: jobs.wake_job(str(login.workspace_id), str(login.job_id))


def _challenge(login: LinkedinLogin, answer: Checkpoint, hold: Hold) -> None:
    step = Step.CODE if answer.challenge is Challenge.CODE else Step.APP
    with unit():
        hold()
        _move(login, step, account_id=answer.account_id)
        show_message(login, SAID[answer.challenge])


def _end(login: LinkedinLogin, sentence: str, hold: Hold) -> None:
    with unit():
        hold()
        _move(login, Step.HOPELESS)
        show_message(login, sentence)


def _move(login: LinkedinLogin, step: Step, **changes: object) -> None:
    """The caller's transaction holds the job, so no one else changes its login."""
    left = {"code": "", "callback_digest": "", "busy_until": None}
    asked = {"asks": F("asks") + 1} if step in {Step.CREDENTIALS, Step.CODE} else {}
    LinkedinLogin.objects.filter(pk=login.pk).update(step=step, **left, **asked, **changes)


def show_message(login: LinkedinLogin, sentence: str) -> None:
    """Show a message to polling clients, and requeue the login; raises Conflict once it ended."""
    jobs.wake_job(str(login.workspace_id), str(login.job_id), message=sentence)
