"""The queue and its cards as HTML: what they show, and that plain forms are enough."""

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from approvals.attention import alerts
from approvals.attention.kinds import Kind
from approvals.models import Action
from core import clock
from core.access import Role
from tests import factories
from tests.pages.conftest import Browser, Team
from tests.pages.payloads import PAYLOADS


def fields_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that posts to `action`, as a browser would send them."""
    form = page.split(f'action="{action}"')[1].split("</form>")[0]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in found}


def press(client: Client, action_id: str, verb: str, **more: str) -> str:
    """Open the queue on a card, send one of its forms, follow; returns the page after it."""
    shown = client.get("/approvals/", {"tab": "waiting", "item": action_id}).content.decode()
    address = f"/approvals/{action_id}/{verb}/"
    answer = client.post(address, fields_of(shown, address) | more, follow=True)
    assert answer.redirect_chain[0][1] == 303
    return answer.content.decode()


def test_the_queue_shows_who_asks_what_goes_where_and_why(team: Team, browser_of: Browser) -> None:
    team.mail(cc=["cc@umbrella.example"], bcc=["quiet@umbrella.example"], body="All of it.")

    page = browser_of(team.rex).get("/approvals/").content.decode()

    for text in [
        "Claude at claude.ai",
        "for <strong>Mia</strong>",
        "ana@umbrella.example",
        "cc@umbrella.example",
        "quiet@umbrella.example",
        "<dt>Bcc</dt>",
        "mia.moss@acme.example",
        "All of it.",
        "Why it is waiting",
        "First message to ana@umbrella.example",
        "Decide by",
    ]:
        assert text in page


def test_a_page_asks_once_who_is_there(team: Team, browser_of: Browser) -> None:
    team.mail()
    client = browser_of(team.rex)
    asked_for = {"/approvals/": 1, "/settings/members/": 1, "/segments/": 1, "/health/live": 0}
    for path, times in asked_for.items():
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        who = '"accounts_membership"."user_id" = \''
        assert [who in query["sql"] for query in asked.captured_queries].count(True) == times, path


def test_an_empty_queue_says_so(team: Team, browser_of: Browser) -> None:
    for tab in ["waiting", "soon", "done", "attention", "no-such-tab"]:
        answer = browser_of(team.vic).get("/approvals/", {"tab": tab})
        assert answer.status_code == 200
        assert "Nothing" in answer.content.decode()


def test_approving_without_javascript_leads_to_the_next_card(
    team: Team, browser_of: Browser
) -> None:
    first, second = team.mail(), team.mail(subject="Another")

    page = press(browser_of(team.rex), first, "approve")

    assert team.card(first).status == "approved"
    assert f'id="card-{second}"' in page
    assert "unless undone" in page
    assert f'action="/approvals/{first}/undo/"' in page


def test_undo_without_javascript_stops_what_was_approved(team: Team, browser_of: Browser) -> None:
    action_id = team.mail()
    client = browser_of(team.rex)
    page = press(client, action_id, "approve")

    address = f"/approvals/{action_id}/undo/"
    client.post(address, fields_of(page, address))

    assert team.card(action_id).status_detail == "undone"


def test_rejecting_without_javascript_keeps_the_reason(team: Team, browser_of: Browser) -> None:
    action_id = team.mail()

    press(browser_of(team.rex), action_id, "reject", reason_code="wrong_tone", reason="Too loud")

    assert team.card(action_id).status == "rejected"


def test_editing_without_javascript_shows_a_word_diff(team: Team, browser_of: Browser) -> None:
    action_id = team.mail(body="Hi Ana, old words here.")
    client = browser_of(team.rex)
    shown = client.get("/approvals/", {"item": action_id, "edit": "1"}).content.decode()
    address = f"/approvals/{action_id}/edit/"

    page = client.post(
        address,
        {"subject": "Hello", "body": "Hi Ana, new words here."} | fields_of(shown, address),
        follow=True,
    ).content.decode()

    assert "<del>old</del><ins>new</ins>" in page
    assert team.card(action_id).status == "pending_approval"


def test_an_edit_with_a_fault_comes_back_as_it_was_typed(team: Team, browser_of: Browser) -> None:
    action_id = team.mail()
    client = browser_of(team.rex)
    shown = client.get("/approvals/", {"item": action_id, "edit": "1"}).content.decode()
    address = f"/approvals/{action_id}/edit/"
    typed = {"subject": "", "body": "Kept while the subject is missing."}

    answer = client.post(address, typed | fields_of(shown, address))

    assert answer.status_code == 400
    assert "Kept while the subject is missing." in answer.content.decode()
    assert team.card(action_id).body.startswith("Hi Ana!")


def test_an_edit_of_an_older_version_is_told_so(team: Team, browser_of: Browser) -> None:
    action_id = team.mail()
    client = browser_of(team.rex)
    address = f"/approvals/{action_id}/edit/"
    values = {"version": "1", "subject": "Hello"}
    client.post(address, values | {"body": "First."})

    answer = client.post(address, values | {"body": "Second."})

    assert answer.status_code == 409
    assert "changed after it was shown" in answer.content.decode()
    assert team.card(action_id).body.startswith("First.")


def test_the_second_reviewer_reads_who_was_faster(team: Team, browser_of: Browser) -> None:
    action_id = team.mail()
    late = browser_of(team.alice)
    shown = late.get("/approvals/").content.decode()
    press(browser_of(team.rex), action_id, "approve")

    address = f"/approvals/{action_id}/approve/"
    page = late.post(address, fields_of(shown, address), follow=True).content.decode()

    assert "Rex approved this at" in page
    assert f'id="card-{action_id}"' in page


def test_what_changed_after_it_was_shown_is_not_approved(team: Team, browser_of: Browser) -> None:
    action_id = team.mail()
    slow = browser_of(team.alice)
    shown = slow.get("/approvals/").content.decode()
    edit = {"version": "1", "subject": "Hello", "body": "Send money."}
    browser_of(team.rex).post(f"/approvals/{action_id}/edit/", edit)

    address = f"/approvals/{action_id}/approve/"
    page = slow.post(address, fields_of(shown, address), follow=True).content.decode()

    assert team.card(action_id).status == "pending_approval"
    assert "changed by Rex" in page
    assert "Send money." in page


def test_viewers_and_members_see_cards_without_the_buttons(team: Team, browser_of: Browser) -> None:
    action_id = team.mail()
    for member in [team.vic, team.mia]:
        client = browser_of(member)
        page = client.get("/approvals/").content.decode()
        assert "Hi Ana!" in page
        assert "/approve/" not in page
        fingerprint = team.card(action_id).fingerprint
        client.post(f"/approvals/{action_id}/approve/", {"fingerprint": fingerprint})
        assert team.card(action_id).status == "pending_approval"


def test_another_workspaces_card_is_not_there(team: Team, browser_of: Browser) -> None:
    action_id = team.mail(body="Ours alone.")
    stranger = browser_of(factories.member(factories.workspace("Globex"), "Gil", Role.ADMIN))

    assert browser_of(team.rex).get(f"/approvals/{action_id}/").status_code == 200
    assert stranger.get(f"/approvals/{action_id}/").status_code == 404
    page = stranger.get("/approvals/", {"item": action_id, "done": action_id}).content.decode()
    assert "Ours alone." not in page
    for verb in ["approve", "reject", "undo", "edit"]:
        assert stranger.post(f"/approvals/{action_id}/{verb}/").status_code in {303, 404}
    assert team.card(action_id).status == "pending_approval"


def test_a_record_change_stands_in_a_table(team: Team, browser_of: Browser) -> None:
    team.change(jobtitle="Chief of Staff")

    page = browser_of(team.rex).get("/approvals/").content.decode()

    assert "New</th>" in page
    assert "<ins>Chief of Staff</ins>" in page


def test_an_undone_change_does_not_read_as_if_it_stood(team: Team, browser_of: Browser) -> None:
    action_id = team.change(jobtitle="Chief of Staff")
    client = browser_of(team.rex)
    done = press(client, action_id, "approve")
    client.post(f"/approvals/{action_id}/undo/")

    page = client.get(f"/approvals/{action_id}/").content.decode()

    assert "<ins>Chief of Staff</ins>" not in done
    assert ">Before</th>" in page
    assert ">Was set to</th>" in page
    assert ">Is</th>" not in page


def test_a_scheduled_mail_says_when_it_goes_out(team: Team, browser_of: Browser) -> None:
    at = (clock.now() + timedelta(days=3)).replace(hour=9, minute=0)
    action_id = team.mail(scheduled_time=at)
    client = browser_of(team.rex)

    for path in ["/approvals/", f"/approvals/{action_id}/"]:
        page = client.get(path).content.decode()
        assert f"<dt>Scheduled</dt><dd>not before {at.day} {at:%b %Y}, 09:00 UTC</dd>" in page


def test_a_member_withdraws_a_draft_of_his_own(team: Team, browser_of: Browser) -> None:
    action_id = team.mail()
    for member, sees in [(team.mia, True), (team.vic, False), (team.rex, False)]:
        page = browser_of(member).get("/approvals/").content.decode()
        assert ("Withdraw</button>" in page) is sees
        assert ("A reviewer decides this." in page) is (member is not team.rex)
        assert ("</kbd> approve" in page) is (member is team.rex)

    press(browser_of(team.mia), action_id, "reject")

    assert team.card(action_id).status_detail == "withdrawn"


def test_a_row_begins_with_the_name_of_the_contact(team: Team, browser_of: Browser) -> None:
    team.mail(subject="Two dates")

    page = browser_of(team.rex).get("/approvals/").content.decode()

    assert f"{team.ana.full_name} · Two dates</span>" in page


def test_a_long_edit_shows_only_what_changed_and_its_surroundings(
    team: Team, browser_of: Browser
) -> None:
    filler = "many words of a long letter " * 20
    action_id = team.mail(body=f"Begin {filler} old {filler} end.")
    client = browser_of(team.rex)
    text = {"version": "1", "subject": "Hello", "body": f"Begin {filler} new {filler} end."}
    client.post(f"/approvals/{action_id}/edit/", text)

    page = client.get(f"/approvals/{action_id}/").content.decode()

    diff = page.split("What the last edit changed")[1].split("</details>")[0]
    assert "<del>old</del><ins>new</ins>" in diff
    assert diff.count("…") == 2
    assert len(diff) < 400


def test_a_missing_card_is_told_to_people_in_words_for_people(
    team: Team, browser_of: Browser
) -> None:
    client = browser_of(team.rex)
    for path in ["/approvals/act_nothing/", "/approvals/?item=act_nothing"]:
        page = client.get(path).content.decode()
        assert "This action does not exist or belongs to another workspace." in page
        assert "use an id from the answer" not in page
    page = client.get("/join/used/").content.decode()
    assert "If you have joined already, log in" in page


def test_a_fresh_workspace_says_how_to_connect(team: Team, browser_of: Browser) -> None:
    client = browser_of(team.rex)
    assert "Connect an assistant" in client.get("/approvals/").content.decode()
    team.mail()
    assert "Connect an assistant" not in client.get("/approvals/").content.decode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("pay\u200b now", "U+200B zero width space"),
        ("\u202egro.live", "U+202E right-to-left override"),
        ("a\u3164b", "U+3164 hangul filler"),
        ("a\U000e0041b", "U+E0041"),
        ("https://p\u0430ypal.example/x", "xn--pypal-4ve.example"),
        (
            "https://fa\u00df.example/x",
            "xn--fa-hia.example",
        ),
        ("https://ex\u00adample.example/x", "U+00AD"),
    ],
)
def test_what_cannot_be_seen_gets_a_name(
    team: Team, browser_of: Browser, text: str, shown: str
) -> None:
    team.mail(body=text)

    assert shown in browser_of(team.rex).get("/approvals/").content.decode()


def test_no_external_text_becomes_markup(team: Team, browser_of: Browser) -> None:
    client = browser_of(team.alice)
    for number, payload in enumerate(PAYLOADS):
        team.vic.user.name = payload
        team.vic.user.save()
        contact = factories.contact(team.place, f"c{number}@umbrella.example", name=payload[:100])
        action_id = team.mail(
            contact_id=str(contact.pk), subject=payload, body=payload, description=payload
        )
        for page in [f"/approvals/?item={action_id}&q={number}", "/settings/members/"]:
            text = client.get(page).content.decode()
            assert payload not in text.replace(html.escape(payload), "")


def test_the_confirm_page_shows_exactly_the_named_cards(team: Team, browser_of: Browser) -> None:
    from approvals import confirm

    named, other = team.mail(subject="Named"), team.mail(subject="Another one")
    rex = factories.person(team.rex)
    link = confirm.link(rex, [(named, team.card(named).fingerprint)])
    path = link.partition("/approvals/")[2]
    client = browser_of(team.rex)

    page = client.get(f"/approvals/{path}").content.decode()

    assert named in page
    assert other not in page
    address = f"/approvals/{named}/approve/"
    after = client.post(address, fields_of(page, address), follow=True).content.decode()
    assert "decided by <strong>Rex</strong>" in after
    assert team.card(named).status == "approved"


def test_the_confirm_page_tells_of_a_change_since_the_chat(team: Team, browser_of: Browser) -> None:
    from approvals import confirm

    action_id = team.mail()
    rex = factories.person(team.rex)
    link = confirm.link(rex, [(action_id, team.card(action_id).fingerprint)])
    edit = {"version": "1", "subject": "Hello", "body": "Changed."}
    client = browser_of(team.alice)
    client.post(f"/approvals/{action_id}/edit/", edit)

    page = client.get("/approvals/" + link.partition("/approvals/")[2]).content.decode()

    assert "This changed after you saw it in the chat" in page
    assert client.get("/approvals/confirm/forged/").status_code == 400


def test_a_row_of_attention_says_why(team: Team, browser_of: Browser) -> None:
    action_id = team.mail()
    alerts.raise_for_action(Action.objects.get(pk=action_id), Kind.BOUNCED, [str(team.rex.user_id)])

    page = browser_of(team.rex).get("/approvals/?tab=attention").content.decode()
    other = browser_of(team.rex).get("/approvals/").content.decode()

    row = page[page.index(f'id="row-{action_id}"') :].partition("</a>")[0]
    assert "Bounced" in row
    assert "Bounced" not in other[other.index(f'id="row-{action_id}"') :].partition("</a>")[0]
