"""Plain factories of rows: two workspaces, their people, and some records.

Alice is admin of the first workspace, Rex reviews, Mia is a member, Vic views. Gil is admin of the
second one and cannot see the first.
"""

from datetime import timedelta
from typing import Any

from accounts import actors
from accounts.models import Membership, User, Workspace
from agents.models import Agent, Run
from core import clock
from core.access import Role, Scope
from core.actor import Actor, ActorKind, Client, Surface
from core.ids import new_id
from crm.models import Company, Contact, Event, Message, Note, Segment, SegmentMember, Thread
from crm.records import index
from identities.models import Identity, LinkedinLogin, Mailbox
from identities.providers.linkedin.login.starting import KIND as LINKEDIN
from jobs.models import Job
from jobs.services.jobs import create as create_job

PASSWORD = "correct horse battery"
ALL_SCOPES = frozenset(Scope)
PROPOSING = ALL_SCOPES - {
    Scope.ACTIONS_APPROVE,
    Scope.ACTIONS_EXECUTE,
    Scope.AGENTS_APPROVE,
}
CLAUDE = Client(name="Claude", host="claude.ai", connection_id="conn_1", token_id="tok_1")


def workspace(name: str = "Acme") -> Workspace:
    """A workspace."""
    return Workspace.objects.create(name=name, slug=name.lower())


def member(place: Workspace, name: str, role: Role) -> Membership:
    """A person with a password, a verified address and a role."""
    address = f"{name.lower()}@{place.slug}.example"
    person = User.objects.filter(email=address).first()
    person = person or User.objects.create_user(
        address, PASSWORD, name=name, email_verified_at=clock.now()
    )
    return Membership.objects.create(workspace=place, user=person, role=role)


def person(membership: Membership) -> Actor:
    """The member in the dashboard."""
    return actors.for_membership(
        membership, kind=ActorKind.PERSON, surface=Surface.DASHBOARD, scopes=None
    )


def app(
    membership: Membership,
    scopes: frozenset[Scope] = PROPOSING,
    client: Client = CLAUDE,
) -> Actor:
    """An app the member connected."""
    return actors.for_membership(
        membership, kind=ActorKind.APP, surface=Surface.MCP, scopes=scopes, client=client
    )


def company(place: Workspace, name: str = "Umbrella", **facts: Any) -> Company:
    """A company, findable by search."""
    moment = clock.now()
    row = Company(
        workspace=place,
        name=name,
        domain=f"{name.lower()}.example",
        created_at=moment,
        updated_at=moment,
        **facts,
    )
    index(row)
    row.save()
    return row


def contact(place: Workspace, email: str = "ana@umbrella.example", **facts: Any) -> Contact:
    """A contact, findable by search."""
    moment = clock.now()
    first, _, last = facts.pop("name", "Ana Ng").partition(" ")
    row = Contact(
        workspace=place,
        email=email,
        firstname=first,
        lastname=last,
        creation_source="test",
        created_at=moment,
        updated_at=moment,
        **facts,
    )
    index(row)
    row.save()
    return row


def note(holder: Contact | Company, content: str = "Met at the fair.", **facts: Any) -> Note:
    """A note on a contact or company, by a former member."""
    moment = clock.now()
    return Note.objects.create(
        workspace_id=holder.workspace_id,
        contact=holder if isinstance(holder, Contact) else None,
        company=holder if isinstance(holder, Company) else None,
        content=content,
        source=facts.pop("source", "person"),
        author_name="Zoe",
        created_at=moment,
        updated_at=moment,
        **facts,
    )


def event(person_met: Contact, name: str = "page_view", **facts: Any) -> Event:
    """An event of a contact, now."""
    return Event.objects.create(
        workspace_id=person_met.workspace_id,
        contact=person_met,
        event=name,
        timestamp=facts.pop("timestamp", clock.now()),
        source="test",
        created_at=clock.now(),
        **facts,
    )


def segment(place: Workspace, name: str = "Everybody", **facts: Any) -> Segment:
    """A segment, with the members given."""
    moment = clock.now()
    members = facts.pop("members", [])
    row = Segment.objects.create(
        workspace=place,
        name=name,
        filter=facts.pop("filter", {"field": "email", "op": "is_set"}),
        contact_count=len(members),
        as_of=moment,
        worked_out_at=moment,
        stale=False,
        created_at=moment,
        updated_at=moment,
        **facts,
    )
    SegmentMember.objects.bulk_create(
        SegmentMember(workspace=place, segment=row, contact=who) for who in members
    )
    return row


def job(owner: Actor, subject: str = "ct_1", **facts: Any) -> Job:
    """A queued job of a kind that has no runner."""
    return create_job(owner, "sample.count", subject, **{"payload": {}, "message": "", **facts})


def linkedin_login(owner: Actor, identity: Identity, **facts: Any) -> LinkedinLogin:
    """A LinkedIn login under way, with its job."""
    moment = clock.now()
    return LinkedinLogin.objects.create(
        **{
            "workspace_id": owner.workspace_id,
            "job": create_job(owner, LINKEDIN, str(identity.pk), payload={}, message="Waits."),
            "identity": identity,
            "country": "US",
            "expires_at": moment + timedelta(minutes=10),
            "created_at": moment,
            **facts,
        }
    )


def sender(place: Workspace, membership: Membership | None = None) -> Identity:
    """A sender whose mailbox uses the operator's mail server."""
    identity = Identity.objects.create(
        workspace=place,
        user=membership.user if membership else None,
        first_name="Mia",
        last_name="Moss",
        signature="Mia Moss\nAcme",
        created_at=clock.now(),
    )
    Mailbox.objects.create(
        workspace=place,
        identity=identity,
        address=f"mia.moss@{place.slug}.example",
        uses_relay=True,
        created_at=clock.now(),
    )
    return identity


def thread(person_met: Contact, owner: Membership | None = None, **facts: Any) -> Thread:
    """A conversation with a contact by mail, of a member's mailbox."""
    moment = clock.now()
    return Thread.objects.create(
        **{
            "workspace_id": person_met.workspace_id,
            "contact": person_met,
            "source": "imap",
            "external_id": new_id("x"),
            "subject": "Depots",
            "owner_id": str(owner.user_id) if owner else None,
            "last_message_at": moment,
            "created_at": moment,
            **facts,
        }
    )


def message(conversation: Thread, body: str = "Hello", **facts: Any) -> Message:
    """A message of a conversation, from the contact, now."""
    return Message.objects.create(
        **{
            "workspace_id": conversation.workspace_id,
            "thread": conversation,
            "external_id": new_id("x"),
            "direction": "in",
            "from_address": conversation.contact.email,
            "to_addresses": ["mia.moss@acme.example"],
            "subject": conversation.subject,
            "body": body,
            "sent_at": clock.now(),
            "created_at": clock.now(),
            **facts,
        }
    )


def agent(place: Workspace, owner: Membership, name: str = "Pricing", **facts: Any) -> Agent:
    """An agent that is on and follows up visits to prices by its template's rules."""
    moment = clock.now()
    return Agent.objects.create(
        **{
            "workspace": place,
            "owner": owner.user,
            "name": name,
            "playbook": "Follow up visits to prices.",
            "playbook_template": "pricing_visitor_followup",
            "capabilities": ["email"],
            "filter": {"field": "lifecyclestage", "op": "eq", "value": "lead"},
            "llm_config": {"provider": "builtin", "max_tokens": 4096, "budget": 5.0},
            "enabled": True,
            "slots_from": moment,
            "created_at": moment,
            "updated_at": moment,
            **facts,
        }
    )


def run(worker: Agent, **job: Any) -> Run:
    """A run of an agent, with the facts of its job."""
    moment = clock.now()
    row = Job.objects.create(
        **{
            "workspace_id": worker.workspace_id,
            "owner_id": worker.owner_id,
            "kind": "agents.run",
            "subject": str(worker.pk),
            "due_at": moment,
            "created_at": moment,
            **job,
        }
    )
    return Run.objects.create(
        workspace_id=worker.workspace_id,
        agent=worker,
        job=row,
        requester_kind="person",
        targeted_at=moment,
        created_at=moment,
    )
