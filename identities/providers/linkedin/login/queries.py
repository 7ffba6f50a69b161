"""The state of a LinkedIn login: its job's status, and the input LinkedIn waits for."""

from django.conf import settings
from django.urls import reverse

from core.access import Role, Scope
from core.actor import Actor
from core.errors import NotFound
from core.operations import Effect, operation
from identities.channels import settings_of
from identities.models import Channel, Kind, LinkedinLogin, Step
from identities.providers.linkedin.login.schemas import (
    Asks,
    GetLogin,
    LoginOut,
    LoginPage,
    LoginStatus,
)
from identities.providers.linkedin.schemas import LinkedinSettings
from jobs.models import Job
from jobs.models.job import JobStatus
from jobs.runners import Ask
from jobs.schemas.jobs import NEXT_POLL_SECONDS

EXPIRED = "expired"
SUBMIT_CODE = "identities.linkedin.submit_code"
_ENDED = {
    JobStatus.COMPLETED: LoginStatus.CONNECTED,
    JobStatus.FAILED: LoginStatus.FAILED,
    JobStatus.CANCELLED: LoginStatus.CANCELLED,
}
_OPEN = {
    Step.CREDENTIALS: LoginStatus.AWAITING_CREDENTIALS,
    Step.CODE: LoginStatus.CODE_REQUIRED,
    Step.CONNECTED: LoginStatus.CONNECTED,
    Step.HOPELESS: LoginStatus.FAILED,
}
# An ended login has its own sentence: the job's last one was about the previous step.
_OVER = {
    LoginStatus.CONNECTED: "LinkedIn is connected.",
    LoginStatus.CANCELLED: "The login was cancelled.",
}
_ASKS: dict[LoginStatus, Asks] = {
    LoginStatus.QUEUED: "credentials",
    LoginStatus.AWAITING_CREDENTIALS: "credentials",
    LoginStatus.CODE_REQUIRED: "code",
}


@operation(
    "identities.linkedin.status",
    schema=GetLogin,
    scope=Scope.IDENTITIES_WRITE,
    effect=Effect.READ,
    propose_role=Role.ADMIN,
    follows=lambda answer: answer["job_id"],
)
def get_login(actor: Actor, data: GetLogin) -> LoginOut:
    """A login as it is now."""
    return login_out(login_of(actor, data))


def login_of(actor: Actor, data: GetLogin) -> LinkedinLogin:
    """The login of a job the actor may see; raises NotFound, also for another sender's."""
    rows = LinkedinLogin.objects.visible_to(actor).select_related("job", "identity")
    login = rows.filter(job_id=data.job_id, job__in=Job.objects.visible_to(actor)).first()
    if login is None or data.identity_id not in {None, str(login.identity_id)}:
        raise NotFound("login")
    return login


def known_account(login: LinkedinLogin) -> str:
    """The account the sender was connected to before, or an empty string."""
    rows = Channel.objects.filter(workspace_id=login.workspace_id, identity=login.identity)
    channel = rows.filter(kind=Kind.LINKEDIN).first()
    return settings_of(channel, LinkedinSettings).account_id if channel else ""


def login_page(actor: Actor, job_id: str) -> LoginPage:
    """The login for its page, which only its starter opens. Raises NotFound."""
    login = login_of(actor, GetLogin(job_id=job_id))
    if login.job.owner_id != actor.user_id:
        raise NotFound("login")
    shown = login_out(login)
    return LoginPage(
        login=shown,
        said="" if shown.message == invitation(login) else shown.message or "",
        sender=str(login.identity),
        asks=_asks(login, shown.status),
        in_app=login.step == Step.APP and shown.status is LoginStatus.RUNNING,
        offers_page=settings.UNIPILE_CALLS_BACK or bool(known_account(login)),
    )


def _asks(login: LinkedinLogin, status: LoginStatus) -> Asks:
    asked = _ASKS.get(status, "nothing")
    return "hosted" if asked == "credentials" and login.step == Step.HOSTED else asked


def login_out(login: LinkedinLogin) -> LoginOut:
    """A row as the APIs show it."""
    job, status = login.job, status_of(login)
    is_open = JobStatus(job.status).is_open
    error = job.error or {}
    return LoginOut(
        job_id=str(job.pk),
        session_id=str(job.pk),
        identity_id=str(login.identity_id),
        status=status,
        message=_OVER.get(status) or error.get("message") or job.message or None,
        login_url=page_url(login) if status in _ASKS else None,
        next_poll_seconds=NEXT_POLL_SECONDS if is_open else None,
        expires_at=login.expires_at if is_open else None,
    )


def ask_of(actor: Actor, job_id: str) -> Ask | None:
    """The input a login needs: a code, or the password on the starter's login page."""
    login = login_of(actor, GetLogin(job_id=job_id))
    wanted = _ASKS.get(status_of(login))
    if wanted is None:
        return None
    takes_code = wanted == "code"
    return Ask(
        key=f"{wanted}-{login.asks}",
        message=login.job.message,
        operation=SUBMIT_CODE if takes_code else "",
        fields=("code",) if takes_code else (),
        url=page_url(login) if login.job.owner_id == actor.user_id else "",
    )


def status_of(login: LinkedinLogin) -> LoginStatus:
    """The login's status; an unclaimed job is queued, but its page already works."""
    status = JobStatus(login.job.status)
    if not status.is_open:
        expired = (login.job.error or {}).get("code") == EXPIRED
        return LoginStatus.EXPIRED if expired else _ENDED[status]
    if status is JobStatus.QUEUED and login.step == Step.CREDENTIALS:
        return LoginStatus.QUEUED
    if login.callback_digest:  # the person is on the provider's page, and may be for long
        return LoginStatus.AWAITING_CREDENTIALS
    return _OPEN.get(Step(login.step), LoginStatus.RUNNING)


def invitation(login: LinkedinLogin) -> str:
    """The job's first message: the only text that reaches every client."""
    return f"Log in at {page_url(login)}"


def page_url(login: LinkedinLogin) -> str:
    """Our login page."""
    return f"{settings.PUBLIC_BASE_URL}{reverse('linkedin_login', args=[login.job_id])}"
