"""E-mail: recipients, exact content, and what makes it high risk."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from approvals.gate.proposals import OPEN_ITEMS_PER_APP
from approvals.models import Action
from approvals.sending.loop import run_once
from core import clock
from core.access import Role
from core.actor import Actor
from core.errors import AppError, NotFound, QueueFull, ValidationFailed
from identities.models import Identity
from identities.providers.rendering import html_of, link_domains, links_of
from tests import factories
from tests.approvals.conftest import Team, approve, decide
from tests.cells import each
from tests.mail import Sink
from tools import catalog

HIDDEN_BREAKS = ["\n", "\r", "\r\n", "\x00", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"]


def mail_to(team: Team, *to: str, **params: Any) -> Action:
    """A draft to these addresses, as stored."""
    answer = team.draft_mail(**{"contact_id": None, "to": list(to)} | params)
    return Action.objects.get(pk=answer["action_id"])


def create(team: Team, actor: Actor | None = None, **arguments: Any) -> dict[str, Any]:
    """create_action as an app calls it."""
    params = {"contact_id": str(team.ana.pk), "subject": "Hello", "body": "Hi Ana!"}
    own = {"type": "email_message", "identity_id": str(team.mailer.pk), "params": params}
    tool = catalog.all_tools()["create_action"]
    return tool.call(actor or team.claude, own | arguments)


@each(
    "address",
    [
        "ana@umbrella.example, bob@umbrella.example",
        "ana@umbrella.example;bob@umbrella.example",
        "ana@umbrella.example bob@umbrella.example",
        "Ana <ana@umbrella.example>",
        '"Ana" <ana@umbrella.example>',
        "<ana@umbrella.example>",
        "ana@umbrella.example (a comment)",
        "undisclosed-recipients:;",
        "group: ana@umbrella.example;",
        "@relay.example:ana@umbrella.example",
        "ana@[127.0.0.1]",
        "ana@localhost",
        "ana",
        "",
        "jörg@umbrella.example",
        f"{'a' * 65}@umbrella.example",
        *(f"ana@umbrella.example{letter}Bcc: eve@evil.example" for letter in HIDDEN_BREAKS),
        *(f"ana{letter}@umbrella.example" for letter in HIDDEN_BREAKS),
    ],
    ids=repr,
)
@each("field", ["to", "cc", "bcc"])
def test_anything_but_one_bare_mailbox_is_refused(team: Team, field: str, address: str) -> None:
    with pytest.raises(ValidationFailed):
        mail_to(team, "bob@umbrella.example", **{field: [address]})
    assert not Action.objects.exists()


def test_an_address_is_stored_in_one_form(team: Team) -> None:
    action = mail_to(team, "Bob@UMBRELLA.example", "eve@Bücher.example")

    addresses = sorted(action.recipients.values_list("address", flat=True))
    assert addresses == ["bob@umbrella.example", "eve@xn--bcher-kva.example"]


def test_a_message_to_an_international_host_arrives(team: Team, sink: Sink) -> None:
    approve(team.reviewer, str(mail_to(team, "eve@bücher.example").pk))

    run_once("w")

    (received,) = sink.received()
    assert received.rcpt_to == ["eve@xn--bcher-kva.example"]


def test_one_address_alone_needs_no_list(team: Team) -> None:
    answer = team.draft_mail(contact_id=None, to="bob@umbrella.example")

    assert answer["status"] == "queued"


@each("where", ["inside", "outside"])
def test_a_contact_and_an_address_that_disagree_are_refused(team: Team, where: str) -> None:
    bob = factories.contact(team.place, "bob@umbrella.example", name="Bob Bo")
    params: dict[str, Any] = {"to": "ana@umbrella.example", "subject": "Hello", "body": "Hi!"}
    outside: dict[str, Any] = {"contact_id": str(bob.pk)} if where == "outside" else {}
    inside = {"contact_id": str(bob.pk)} if where == "inside" else {}

    with pytest.raises(ValidationFailed):
        create(team, params=params | inside, **outside)
    agreeing = create(team, params=params, contact_id=str(team.ana.pk))
    assert agreeing["status"] == "queued"


@each(
    "params",
    [
        {"to": ["bob@umbrella.example", "BOB@umbrella.example"]},
        {"to": ["bob@umbrella.example"], "bcc": ["bob@umbrella.example"]},
        {"to": [f"p{number}@umbrella.example" for number in range(6)]},
        {"to": ["a@x.example", "b@x.example"], "cc": ["c@x.example", "d@x.example"],
         "bcc": ["e@x.example", "f@x.example"]},
        {"to": []},
    ],
    ids=["twice", "twice in two fields", "six", "six in all", "nobody"],
)  # fmt: skip
def test_each_recipient_stands_once_and_five_are_the_most(
    team: Team, params: dict[str, Any]
) -> None:
    with pytest.raises(ValidationFailed):
        mail_to(team, **params)


@each("letter", HIDDEN_BREAKS, ids=repr)
def test_a_subject_is_one_line(team: Team, letter: str) -> None:
    with pytest.raises(ValidationFailed, match="subject"):
        mail_to(team, "bob@umbrella.example", subject=f"Hello{letter}Bcc: eve@evil.example")


def test_a_subject_that_would_arrive_as_other_characters_is_refused(team: Team) -> None:
    with pytest.raises(ValidationFailed, match="subject"):
        mail_to(team, "bob@umbrella.example", subject="=?utf-8?q?Your_invoice?=")


@each("letter", ["\x00", "\x08", "\x1b", "\ud800"], ids=repr)
def test_a_body_without_control_characters(team: Team, letter: str) -> None:
    with pytest.raises(ValidationFailed, match="body"):
        mail_to(team, "bob@umbrella.example", body=f"Hello{letter}you")


@each(
    "markdown",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![pixel](https://evil.example/p.png)",
        "<style>*{display:none}</style>",
        "<a href='javascript:alert(1)'>x</a>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java&#115;cript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "[x](file:///etc/passwd)",
        "[x](//evil.example)",
        "[x](/relative)",
        '[x](https://ok.example "onclick=alert(1)")',
        "<svg onload=alert(1)>",
        "<iframe src=https://evil.example>",
        "`<b onmouseover=alert(1)>`",
        "[x]: javascript:alert(1)\n[x]",
    ],
)
def test_whatever_the_markdown_the_html_is_inert(markdown: str) -> None:
    html = html_of(markdown)

    tags = re.findall(r"<\s*/?\s*([a-z0-9]+)([^>]*)>", html, re.IGNORECASE)
    assert {name.lower() for name, _ in tags} <= {"p", "a", "br", "code", "pre"}
    for name, attributes in tags:
        assert re.fullmatch(r'( href="(https?://|mailto:)[^"]*")?', attributes), (name, attributes)


@each(
    ("text", "link"),
    [
        ("see https://evil.example/a now", "https://evil.example/a"),
        ("see HTTPS://EVIL.EXAMPLE/a.", "HTTPS://EVIL.EXAMPLE/a"),
        ("see www.evil.example/a", "www.evil.example/a"),
        ("(see https://evil.example/wiki/A_(b)).", "https://evil.example/wiki/A_(b)"),
        ("https://evil.example/?a=1&b=2", "https://evil.example/?a=1&b=2"),
        ("[x](https://evil.example/?a=1&b=2)", "https://evil.example/?a=1&b=2"),
        ("[x](https://evil.example/A_(b))", "https://evil.example/A_(b)"),
        ("[https://shown.example](https://evil.example)", "https://evil.example"),
        ('[x](https://evil.example "a title")', "https://evil.example"),
        ("[x](<https://evil.example/a b>)", "https://evil.example/a%20b"),
        ("[x][1]\n\n[1]: https://evil.example/ref", "https://evil.example/ref"),
        ("unused\n\n[1]: https://evil.example/ref", "https://evil.example/ref"),
        ("<https://evil.example/auto>", "https://evil.example/auto"),
        ("![x](https://evil.example/p.png)", "https://evil.example/p.png"),
        ("[x](&#104;ttps://evil.example)", "https://evil.example"),
        ("`https://evil.example/code`", "https://evil.example/code"),
        ("**https://evil.example/bold**", "https://evil.example/bold"),
        ("[x](mailto:eve@evil.example)", "mailto:eve@evil.example"),
        ("<eve@evil.example>", "mailto:eve@evil.example"),
    ],
)
def test_every_link_target_is_found_and_makes_the_card_red(text: str, link: str) -> None:
    assert link in links_of(text)
    assert any(host.endswith("evil.example") for host in link_domains(links_of(text)))


def test_red_reasons_name_new_recipients_new_links_and_bcc(team: Team) -> None:
    action = mail_to(
        team,
        "bob@umbrella.example",
        bcc=["eve@evil.example"],
        body="Ours: https://acme.example/a, theirs: https://evil.example:8080/b, www.bad.example:1",
    )

    assert action.red_reasons == [
        "first message to bob@umbrella.example",
        "first message to eve@evil.example",
        "new link to evil.example",
        "new link to www.bad.example",
        "bcc to eve@evil.example",
    ]


@each(
    ("first_name", "shown"),
    [
        ("Zoë", "Zoë Moss <mia.moss@acme.example>"),
        ("Mia, Boss", '"Mia, Boss Moss" <mia.moss@acme.example>'),
        ("ceo@bank.example", "mia.moss@acme.example"),
        ("Mia <ceo@bank.example>", "mia.moss@acme.example"),
        ("Mia\u202e\u200b", "Mia Moss <mia.moss@acme.example>"),
        ("Mia\r\nBcc: eve@evil.example\r\n", "mia.moss@acme.example"),
    ],
)
def test_the_senders_name_is_shown_unless_it_looks_like_an_address(
    team: Team, sink: Sink, first_name: str, shown: str
) -> None:
    before = len(sink.received())
    Identity.objects.filter(pk=team.mailer.pk).update(first_name=first_name)
    action = mail_to(team, "bob@umbrella.example")
    assert (action.rendered or {})["from"] == shown
    approve(team.reviewer, str(action.pk))

    run_once("w")

    (received,) = sink.received()[before:]
    assert str(received.mime["From"]) == shown
    assert received.rcpt_to == ["bob@umbrella.example"]


@each(
    ("subject", "body"),
    [
        ("A dot", ".\n..\n.\n\nQUIT\n.\n"),
        ("Grüße ☕ 你好 " * 10, "Hello"),
        ("Long", "word " * 3_900),
        ("One line", "x" * 19_000),
        ("Chinese", "你好" * 5_000),
        ("Looks like headers", "From: eve@evil.example\nBcc: eve@evil.example\n\nHi"),
        ("From quoting", "From here\n>From there"),
    ],
)
def test_any_text_arrives_as_it_was_approved(
    team: Team, sink: Sink, subject: str, body: str
) -> None:
    before = len(sink.received())
    action = mail_to(team, "bob@umbrella.example", subject=subject, body=body)
    approve(team.reviewer, str(action.pk))

    run_once("w")

    (received,) = sink.received()[before:]
    rendered = action.rendered or {}
    assert received.part("plain") == rendered["text"]
    assert received.part("plain").startswith(body.rstrip())
    assert received.part("plain").endswith("\n\nMia Moss\nAcme\n")
    assert received.part("html").rstrip("\n") == rendered["html"]
    assert str(received.mime["Subject"]) == rendered["subject"] == subject
    assert received.rcpt_to == ["bob@umbrella.example"]


@each(
    "moment",
    [
        clock.now() - timedelta(seconds=1),
        datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1),
        clock.now() + timedelta(days=367),
    ],
    ids=["past", "without a zone", "beyond a year"],
)
def test_a_time_that_cannot_be_kept_is_refused(team: Team, moment: datetime) -> None:
    with pytest.raises(ValidationFailed):
        create(team, scheduled_time=moment.isoformat())

    action_id = team.draft_mail()["action_id"]
    params = Action.objects.get(pk=action_id).params
    with pytest.raises(ValidationFailed):
        decide(team.reviewer, "edit", action_id, params=params, scheduled_time=moment.isoformat())


def test_direct_and_a_time_exclude_each_other_and_direct_skips_nothing(team: Team) -> None:
    later = (clock.now() + timedelta(days=1)).isoformat()
    with pytest.raises(ValidationFailed, match="either direct or scheduled_time"):
        create(team, direct=True, scheduled_time=later)

    assert create(team, direct=True)["status"] == "queued"


def test_a_draft_replaces_its_askers_own_waiting_one_only(team: Team) -> None:
    own = create(team)["action_id"]
    other = create(team, factories.app(team.alice))["action_id"]
    params = {"contact_id": str(team.ana.pk), "subject": "Better", "body": "Hi!"}

    create(team, params=params, replaces=own)
    old = Action.objects.get(pk=own)
    assert (old.status, old.status_detail) == ("cancelled", "superseded")

    again = params | {"subject": "Best"}
    for wrong, refusal in [(other, ValidationFailed), (own, ValidationFailed), ("act_x", NotFound)]:
        with pytest.raises(refusal):
            create(team, params=again, replaces=wrong)
    assert Action.objects.get(pk=other).status == "pending_approval"


def test_what_belongs_to_another_workspace_is_missing(team: Team) -> None:
    elsewhere = factories.workspace("Globex")
    gil = factories.member(elsewhere, "Gil", Role.ADMIN)
    theirs = factories.contact(elsewhere, "zoe@globex.example")
    event = factories.event(theirs)
    own_event = factories.event(team.ana)

    def answer_for(identity_id: str) -> dict[str, Any]:
        with pytest.raises(NotFound) as refusal:
            create(team, identity_id=identity_id)
        return refusal.value.as_dict()

    foreign = answer_for(str(factories.sender(elsewhere, gil).pk))
    assert foreign == answer_for("id_01jd0000000000000000000000")
    with pytest.raises(NotFound):
        create(team, params={"contact_id": str(theirs.pk), "subject": "a", "body": "b"})

    for stranger in (str(event.pk), "evt_01jd0000000000000000000000", "note_", "?"):
        with pytest.raises(ValidationFailed, match="evidence contains an id that does not exist"):
            create(team, evidence=[str(own_event.pk), stranger])
    made = create(team, evidence=[str(own_event.pk)])
    review = catalog.all_tools()["review_pending_actions"].call(team.claude, {})
    shown = review["groups"][0]["cards"][0]
    assert shown["action_id"] == made["action_id"]
    assert [row["id"] for row in shown["evidence"]] == [str(own_event.pk)]


def test_the_same_draft_twice_is_one_row(team: Team) -> None:
    first, second = create(team), create(team)

    assert first["action_id"] == second["action_id"]
    assert "no second one" in second["why"]
    assert Action.objects.count() == 1
    create(team, params={"contact_id": str(team.ana.pk), "subject": "Other", "body": "Hi Ana!"})
    assert Action.objects.count() == 2


def test_values_that_are_so_already_change_nothing(team: Team) -> None:
    answer = team.draft_change(firstname="Ana")

    assert answer["status"] == "noop"
    assert not Action.objects.exists()


@each("kind", ["app", "key"])
def test_a_source_with_two_hundred_waiting_drafts_makes_no_more(team: Team, kind: str) -> None:
    from tests.approvals.test_policy import asker

    actor = asker(team, kind, "member", executes=False)
    first = Action.objects.get(pk=team.draft_mail(actor)["action_id"])
    copies = [Action(**_columns(first), id=None) for _ in range(OPEN_ITEMS_PER_APP - 1)]
    for number, copy in enumerate(copies):
        copy.pk = Action._meta.pk.get_default()
        copy.fingerprint = f"{number:032x}"
    Action.objects.bulk_create(copies)

    with pytest.raises(QueueFull):
        team.draft_mail(actor, subject="One more")
    own = team.draft_mail(team.reviewer, subject="A person's own")
    assert own["status"] == "scheduled"
    decide(team.reviewer, "undo", own["action_id"])
    decide(team.reviewer, "reject", str(first.pk), reason_code="duplicate")
    assert team.draft_mail(actor, subject="One more")["status"] == "queued"


def _columns(action: Action) -> dict[str, Any]:
    return {
        field.attname: getattr(action, field.attname)
        for field in Action._meta.concrete_fields
        if not field.primary_key
    }


def test_one_poisoned_message_does_not_keep_the_next_from_going_out(team: Team, sink: Sink) -> None:
    poisoned = mail_to(team, "bob@umbrella.example", subject="Poison")
    healthy = mail_to(team, "cleo@umbrella.example", subject="Healthy")
    for action in (poisoned, healthy):
        approve(team.reviewer, str(action.pk))
    Action.objects.filter(pk=poisoned.pk).update(params={"subject": ["no", "text"]})
    Action.objects.filter(pk=poisoned.pk).update(type="no_such_type")

    run_once("w")

    assert [str(m.mime["Subject"]) for m in sink.received()] == ["Healthy"]
    for _ in range(3):
        past = clock.now() - timedelta(seconds=1)
        Action.objects.filter(pk=poisoned.pk).update(lease_until=past)
        run_once("w")
    assert Action.objects.get(pk=poisoned.pk).status == "failed"


def test_what_an_app_may_not_read_as_params_is_refused(team: Team) -> None:
    extras: list[dict[str, Any]] = [
        {"from": "ceo@bank.example"},
        {"reply_to": "eve@evil.example"},
        {"headers": {}},
    ]
    for extra in extras:
        with pytest.raises(AppError):
            team.draft_mail(**extra)
