"""Login on the provider's own page: no input here, not even a code.

The callback after a login there is unsigned. It holds the secret of one visit, which is valid once,
and is trusted only as a trigger: the job's worker requests the named account with our own key, and
accepts it only if it can be this visit's.
"""

import hmac
import secrets
from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import F, QuerySet
from django.urls import reverse

from core import audit, clock
from core.actor import Actor
from core.db import unit
from core.errors import AppError, Conflict, NotFound
from core.tokens import checksum
from identities.models import Channel, Kind, LinkedinLogin, Step
from identities.providers.linkedin.client import Account, Refused, Standing, Visit
from identities.providers.linkedin.login.queries import known_account
from identities.providers.linkedin.login.steps import (
    Hold,
    own_login,
    provider,
    refuse_unfit,
    show_message,
    store_account,
)
from identities.providers.linkedin.unipile import report_of
from jobs.job_context import Running
from jobs.services import jobs

MOST_BYTES = 4096
# Allowed clock skew of the provider.
SKEW = timedelta(minutes=1)
AWAY = "Continue the login on the provider's page."
LOOKING = "The provider reported a login. Checking the account."
BACK = (
    "The provider's page says that the login worked; its report is waited for. If none comes, it "
    "can't reach this installation: log in here instead."
)
UNREPORTED = (
    "The provider reported no login in time. If there was one, it can't reach this installation: "
    "start again, and log in here."
)
FAILED = "The login on the provider's page failed. Try again, or log in here."
HERE = "Nothing is connected yet."
NOT_THIS = "The provider reported an account from another login. Nothing was changed."
_WAITING = (Step.CREDENTIALS, Step.HOSTED)


def begin(actor: Actor, job_id: str) -> str:
    """The provider's login page; callbacks of earlier visits become invalid.

    Raises what `steps.log_in` raises, and Conflict if the provider needs a callback but can't reach
    this installation.
    """
    refuse_unfit(actor)
    login = own_login(actor, job_id)
    secret, moment = secrets.token_urlsafe(32), clock.now()
    try:
        account_id = _to_connect_again(login)
        url = provider().page_for(_visit(login, account_id, secret))
    except Refused as refusal:
        raise Conflict(refusal.sentence, hint="Log in here instead.") from refusal
    with unit():
        show_message(login, AWAY)
        rows = LinkedinLogin.objects.filter(pk=login.pk, step__in=_WAITING, expires_at__gt=moment)
        visit = {"hosted_at": moment, "callback_digest": checksum(secret), "account_id": account_id}
        if rows.update(step=Step.HOSTED, **visit) != 1:
            raise Conflict(
                "This login does not need a password right now.", hint="Reload the page."
            )
        ids = {"job_id": str(login.job_id), "identity_id": str(login.identity_id)}
        audit.record(actor, "identities.linkedin.visit", object_ids=ids)
    return url


def visitor_returned(actor: Actor, job_id: str) -> None:
    """The person returned from the provider's page, which reported success."""
    login = own_login(actor, job_id)
    if login.callback_digest:
        with unit():
            show_message(login, BACK)


def leave_hosted(actor: Actor, job_id: str, sentence: str) -> None:
    """Ask for the credentials here instead; reports of the visit become invalid."""
    login = own_login(actor, job_id)
    _come_back(login, sentence, lambda: jobs.wake_job(str(login.workspace_id), str(login.job_id)))


def receive_report(login_id: str, secret: str, body: bytes) -> None:
    """Queue a check of the account that the provider reports.

    Raises NotFound, the same for every reason, unless the login waits for exactly this call, and
    ValidationFailed for an invalid body.
    """
    login = LinkedinLogin.objects.filter(pk=login_id).first()
    if login is None or not hmac.compare_digest(checksum(secret), login.callback_digest):
        raise NotFound("webhook")
    report = report_of(body)
    if report.reference != str(login.pk) or login.expires_at <= clock.now():
        raise NotFound("webhook")
    try:
        _note(login, report.account_id)
    except Conflict as ended:
        raise NotFound("webhook") from ended


def check_account(actor: Actor, running: Running, login: LinkedinLogin) -> bool:
    """Whether the account that is waited for moved the login on."""
    if not login.account_id:
        return False
    try:
        account = provider().account(login.account_id)
    except (Refused, AppError):  # asked again, until the login expires
        return False
    if login.account_id != known_account(login) and not _is_of_the_visit(login, account):
        _come_back(login, NOT_THIS, running.hold)
        return True
    if account.standing is not Standing.CONNECTED:
        return False
    with unit():
        running.hold()
        if _as_seen(login).exists():
            store_account(actor, login, login.account_id, account.name, running.hold)
    return True


def _to_connect_again(login: LinkedinLogin) -> str:
    """The previous account if the provider still has it; else empty, for a new one.

    Raises Conflict if a new one could not be reported.
    """
    known = known_account(login)
    if known and provider().account(known).standing is not Standing.UNKNOWN:
        return known
    if not settings.UNIPILE_CALLS_BACK:
        raise Conflict(
            "The provider's page can't report to an installation on a loopback address.",
            hint="Log in here instead.",
        )
    return ""


def _visit(login: LinkedinLogin, account_id: str, secret: str) -> Visit:
    called = f"{_url('unipile_webhook', str(login.pk))}?{urlencode({'secret': secret})}"
    return Visit(
        reference=str(login.pk),
        account_id=account_id,
        expires_at=login.expires_at,
        notify_url=called,
        success_url=_url("linkedin_done", str(login.job_id)),
        failure_url=_url("linkedin_failed", str(login.job_id)),
    )


def _url(name: str, of: str) -> str:
    return f"{settings.PUBLIC_BASE_URL}{reverse(name, args=[of])}"


def _note(login: LinkedinLogin, account_id: str) -> None:
    """Store the account to check, once; a previous account stays the expected one.

    Raises Conflict if the login has ended or after a concurrent call.
    """
    with unit():
        show_message(login, LOOKING)
        rows = LinkedinLogin.objects.filter(pk=login.pk, callback_digest=login.callback_digest)
        if rows.update(callback_digest="", account_id=login.account_id or account_id) != 1:
            raise Conflict("Already reported.")


def _is_of_the_visit(login: LinkedinLogin, account: Account) -> bool:
    """A LinkedIn account created since the visit began, and not connected here.

    Of two logins that name one account at most one gets it: each stores it before it checks.
    """
    made_since = (
        login.hosted_at is not None
        and account.made_at is not None
        and account.made_at >= login.hosted_at - SKEW
    )
    channels = Channel.objects.filter(
        kind=Kind.LINKEDIN, settings__account_id=login.account_id
    ).exclude(identity=login.identity)
    named = LinkedinLogin.objects.filter(account_id=login.account_id).exclude(pk=login.pk)
    return account.is_linkedin and made_since and not channels.exists() and not named.exists()


def _come_back(login: LinkedinLogin, sentence: str, hold: Hold) -> None:
    with unit():
        hold()
        moved = {"step": Step.CREDENTIALS, "callback_digest": "", "account_id": ""}
        if _as_seen(login).update(**moved, asks=F("asks") + 1):
            show_message(login, sentence)


def _as_seen(login: LinkedinLogin) -> QuerySet[LinkedinLogin]:
    """The login if the visit is still the one checked; the caller holds the job."""
    return LinkedinLogin.objects.filter(
        pk=login.pk, step=Step.HOSTED, hosted_at=login.hosted_at, account_id=login.account_id
    )
