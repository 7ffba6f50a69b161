"""Starting a login, and submitting a code: answered at once, without the provider."""

from datetime import timedelta

from core import clock
from core.access import Role, Scope
from core.actor import Actor
from core.errors import Conflict
from core.operations import Effect, operation
from identities import secrets
from identities.models import Identity, LinkedinLogin, Step
from identities.providers.linkedin import unipile
from identities.providers.linkedin.login.queries import SUBMIT_CODE, invitation, login_of, login_out
from identities.providers.linkedin.login.schemas import LoginOut, StartLogin, SubmitCode
from jobs.services import jobs

KIND = "identities.linkedin_login"


@operation(
    "identities.linkedin.start",
    schema=StartLogin,
    scope=Scope.IDENTITIES_WRITE,
    effect=Effect.JOB,
    open_world=True,
    propose_role=Role.ADMIN,
    run_role=Role.ADMIN,
)
def start_login(actor: Actor, data: StartLogin) -> LoginOut:
    """Make the job and the page of a login; the person types the password there.

    Raises Conflict with `job_id` while another login of the sender is open, and where the operator
    has set up no provider.
    """
    identity = Identity.objects.visible_to(actor).active().one(data.identity_id, "identity")
    if not unipile.is_set_up():
        raise Conflict(
            "LinkedIn is not configured on this installation.",
            hint="The operator must set UNIPILE_API_URL and UNIPILE_API_KEY.",
        )
    now = clock.now()
    job = jobs.create(
        actor,
        KIND,
        str(identity.pk),
        payload={},
        message="",
    )
    login = LinkedinLogin.objects.create(
        workspace_id=actor.workspace_id,
        job=job,
        identity=identity,
        country=data.country,
        expires_at=now + timedelta(seconds=data.max_verification_wait_time),
        created_at=now,
    )
    jobs.wake_job(actor.workspace_id, str(job.pk), message=invitation(login))
    job.refresh_from_db(fields=["message"])
    return login_out(login)


@operation(
    SUBMIT_CODE,
    schema=SubmitCode,
    scope=Scope.IDENTITIES_WRITE,
    effect=Effect.JOB,
    open_world=True,
    propose_role=Role.ADMIN,
    run_role=Role.ADMIN,
)
def submit_code(actor: Actor, data: SubmitCode) -> LoginOut:
    """Store the code; the job's worker submits it within seconds, then deletes it.

    Raises Conflict while no code is required.
    """
    login = login_of(actor, data)
    jobs.wake_job(actor.workspace_id, str(login.job_id), message="Submitting the code.")
    waiting = LinkedinLogin.objects.visible_to(actor).filter(pk=login.pk, step=Step.CODE)
    sealed = secrets.seal(data.code, bound_to=str(login.pk))
    if waiting.update(step=Step.CHECKING, code=sealed) != 1:
        raise Conflict(
            "This login does not need a code right now.", hint="Check its status.", step=login.step
        )
    return login_out(login_of(actor, data))
