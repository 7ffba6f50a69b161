"""Fills the installation whose pages browsers are shown."""

from typing import Any

from accounts.models import User
from approvals.policy import changes
from approvals.policy.schemas import Mode
from core import operations
from core.access import Role
from core.actor import Actor
from core.operations import Proposal, Request
from crm.models import Contact
from identities.models import Identity
from tests import factories
from tests.agents.shop import Shop
from tests.pages.payloads import PAYLOADS

NAMES = ["Ana Ng", "Bo Lindqvist", "Chidi Okafor", "Dana Silva", "Eun-ji Park", "Farid Haddad"]
SUBJECTS = [
    "Your question about pricing for 40 seats",
    "Following up on Thursday's walkthrough",
    "The security questionnaire, filled in",
    "Two dates for the onboarding call",
]
BODY = """Hi {name},

thanks for looking at the pricing page yesterday. For a team of your size the yearly plan is the
better deal: it comes to 29 EUR per seat and month, and the onboarding is included.

You can compare both plans at https://acme.example/pricing?team=40 - shall I put the yearly one
into a quote for you?
"""
HIDDEN = (
    "Hi,\n\npay to the\u200b new account: \u202egro.live\u202c\nhttps://p\u0430ypal.example/login\n"
)


def fill(count: int) -> dict[str, Any]:
    """Two people's drafts and some decided ones; the ids of some by what is special about them."""
    place = factories.workspace()
    team = Shop.at(place)
    changes.set_mode(team.admin, Mode.TEAM)  # or her first login is asked
    mailer, claude = factories.sender(place, team.mia), team.claude
    team.visitor("vera")
    contacts = [
        factories.contact(place, f"{name.split()[0].lower()}{number}@umbrella.example", name=name)
        for number, name in enumerate((NAMES * count)[:count])
    ]
    found: dict[str, Any] = {"special": _special(claude, contacts[0], mailer), "plain": []}
    found["hostile"] = _hostile()
    for number, person in enumerate(contacts):
        found["plain"].append(_draft(claude, person, mailer, number))
    User.objects.create_user("ops@pathbound.example", factories.PASSWORD, is_staff=True)
    found |= {"contact": str(contacts[0].pk), "workspace": str(place.pk)}
    return found


def _special(claude: Actor, contact: Contact, mailer: Identity) -> dict[str, str]:
    evidence = _evidence(contact)
    long_body = "\n\n".join(
        f"{number}. " + "A paragraph of some length. " * 12 for number in range(25)
    )
    return {
        "hidden": _mail(claude, mailer, {"to": ["boss@stranger.example"], "body": HIDDEN}),
        "long": _mail(
            claude,
            mailer,
            {
                "to": [f"{'very-long-name-' * 4}@{'sub.' * 20}example.com", "b@c.example"],
                "cc": ["second@umbrella.example"],
                "bcc": ["archive@umbrella.example"],
                "subject": "A subject that goes on " * 8,
                "body": f"https://acme.example/{'path/' * 60}?q={'x' * 200}\n\n{long_body}",
            },
        ),
        "evident": _mail(
            claude,
            mailer,
            {"contact_id": str(contact.pk), "body": BODY.format(name="Ana")},
            description="She opened the pricing page three times this week and asked for a quote.",
            evidence=evidence,
        ),
    }


def _hostile() -> list[str]:
    """Drafts in another workspace, Gil's, with a payload in every field of external text."""

    place = factories.workspace("Globex")
    gil = factories.member(place, "Gil", Role.ADMIN)
    changes.set_mode(factories.person(gil), Mode.TEAM)
    mailer, app = factories.sender(place, gil), factories.app(gil)
    made = []
    for number, payload in enumerate(PAYLOADS):
        address = f"c{number}@umbrella.example"
        contact = factories.contact(place, address, name=payload[:100])
        text = {"contact_id": str(contact.pk), "subject": payload, "body": payload}
        made.append(_mail(app, mailer, text, description=payload))
    return made


def _evidence(contact: Contact) -> tuple[str, ...]:

    visits = [
        factories.event(contact, "page_view", path="/pricing"),
        factories.event(contact, "page_view", path="/pricing/enterprise"),
        factories.event(contact, "signup"),
    ]
    return tuple(str(visit.pk) for visit in visits)


def _mail(actor: Actor, mailer: Identity, params: dict[str, Any], **proposal: Any) -> str:

    answer = operations.submit(
        actor,
        operations.get("approvals.email_message"),
        {"subject": "A draft", **params},
        Request(proposal=Proposal(identity_id=str(mailer.pk), **proposal)),
    )
    return str(answer["action_id"])


def _draft(claude: Actor, contact: Contact, mailer: Identity, number: int) -> str:

    if number % 4 == 3:
        properties = {"jobtitle": "Chief Technology Officer", "lifecyclestage": "customer"}
        answer = operations.submit(
            claude,
            operations.get("crm.contact.update"),
            {"contact_id": str(contact.pk), "properties": properties},
        )
        return str(answer["action_id"])
    text = {"subject": SUBJECTS[number % 4], "body": BODY.format(name=contact.firstname)}
    return _mail(claude, mailer, {"contact_id": str(contact.pk), **text})
