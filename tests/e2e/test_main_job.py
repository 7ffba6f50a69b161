"""The main job: an assistant reads and drafts, a person decides, exactly that goes out, once."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest

from core import clock
from tests.e2e.assistant import Assistant, Mode
from tests.e2e.people import Person, form_on
from tests.e2e.server import Installation
from tests.mail import Received, wait_until

pytestmark = pytest.mark.slow

PATHS = ["", "/mcp"]
MODES: list[Mode] = ["legacy", "2026-07-28"]

_numbers = itertools.count(1)


def assistant_of(
    acme: Installation, name: str, *, path: str = "/mcp", mode: Mode = "auto", tick: Any = ()
) -> Assistant:
    person = acme.person(name)
    return Assistant(f"{acme.base_url}{path}", person, mode=mode, tick=tick)


def draft(acme: Installation, assistant: Assistant, whom: str, **more: Any) -> dict[str, Any]:
    """Draft an e-mail; the answer, and under `subject` what tells it from all others."""
    number = next(_numbers)
    answer = assistant.call(
        "create_action",
        type="email_message",
        identity_id=acme.seeded["sender"],
        params={
            "contact_id": acme.seeded[whom],
            "subject": f"Offer {number}",
            "body": f"Hello,\n\nyour offer **{number}** is ready: ä ö ☕",
        },
        **more,
    )
    return answer | {"subject": f"Offer {number}"}


def mails(acme: Installation, drafted: dict[str, Any]) -> list[Received]:
    """What was received of one draft."""
    return [mail for mail in acme.sink.received() if mail.mime["Subject"] == drafted["subject"]]


def wait_for_status(assistant: Assistant, action_id: str, status: str) -> dict[str, Any]:
    wait_until(
        lambda: assistant.call("get_action", action_id=action_id)["action"]["status"] == status,
        f"{action_id} is {status}",
    )
    return assistant.call("get_action", action_id=action_id)


def logged_in(person: Person, url: str) -> httpx.Response:
    page = person.http.get(url)
    return person.log_in(page) if 'name="password"' in page.text else page


def press_approve(person: Person, page: httpx.Response) -> httpx.Response:
    """Yes; where another test's message to the same person waits, that both go out."""
    form = form_on(page, lambda f: f.action.endswith("/approve/"), "approve")
    both = [form.buttons[label] for label in ("Both go out",) if label in form.buttons]
    return person.send(page, form, [*form.fields, *both])


def approve_in_page(person: Person, url: str) -> httpx.Response:
    return press_approve(person, logged_in(person, url))


def edit_in_page(person: Person, url: str, **changes: str) -> httpx.Response:
    page = person.http.get(url, params={"edit": "1"})
    form = form_on(page, lambda f: f.action.endswith("/edit/"), "edit")
    kept = [pair for pair in form.fields if pair[0] not in changes]
    return person.send(page, form, [*kept, *changes.items()])


def test_an_unconnected_app_is_told_where_to_ask(acme: Installation) -> None:
    answer = httpx.post(f"{acme.base_url}/mcp", json={})

    assert answer.status_code == 401
    challenge = answer.headers["www-authenticate"]
    assert f'resource_metadata="{acme.base_url}/.well-known/oauth-protected-resource/mcp"' in (
        challenge
    )
    assert "contacts:read" in challenge


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("mode", MODES)
def test_the_whole_flow(acme: Installation, path: str, mode: Mode) -> None:
    claude = assistant_of(acme, "mia", path=path, mode=mode)

    assert claude.tools()[:2] == ["list_contacts", "get_contact"]
    details = claude.call("get_contact", contact_id=acme.seeded["ana"])
    assert details["contact"]["properties"]["email"] == "ana@umbrella.example"

    queued = draft(acme, claude, "ana", description="She looked at the prices.")
    assert queued["status"] == "queued"
    assert queued["review_url"] == f"{acme.base_url}/approvals/{queued['action_id']}/"
    assert mails(acme, queued) == []

    rex = acme.person("rex")
    approve_in_page(rex, queued["review_url"])

    done = wait_for_status(claude, queued["action_id"], "completed")
    received = mails(acme, queued)
    assert len(received) == 1
    assert done["receipt"]["provider_id"] == received[0].mime["Message-ID"]
    assert received[0].rcpt_to == done["message"]["envelope_to"] == ["ana@umbrella.example"]
    assert received[0].part("plain") == done["message"]["text"]
    assert received[0].mime["Subject"] == done["message"]["subject"]


def test_to_a_known_person_an_app_that_may_act_sends_after_the_undo_window(
    acme: Installation,
) -> None:
    claude = assistant_of(acme, "rex", tick=("actions:execute",))

    answer = draft(acme, claude, "ana", require_approval=False)

    assert answer["status"] == "scheduled"
    wait_for_status(claude, answer["action_id"], "completed")
    assert len(mails(acme, answer)) == 1


def test_to_a_stranger_even_an_app_that_may_act_waits_on_a_red_card(acme: Installation) -> None:
    claude = assistant_of(acme, "rex", tick=("actions:execute",))

    answer = draft(acme, claude, "bob", require_approval=False)

    assert answer["status"] == "queued"
    assert "first message to bob@initech.example" in answer["why"]


def test_without_the_box_require_approval_false_changes_nothing(acme: Installation) -> None:
    claude = assistant_of(acme, "rex")

    answer = draft(acme, claude, "ana", require_approval=False)

    assert answer["status"] == "queued"
    assert "tick that box" in answer["why"]


def test_the_boxes_that_decide_are_not_offered_to_a_member(acme: Installation) -> None:
    with pytest.raises((AssertionError, ExceptionGroup)):
        assistant_of(acme, "mia", tick=("actions:approve",)).tools()


def test_an_edit_after_approval_is_not_sent(acme: Installation) -> None:
    claude = assistant_of(acme, "mia")
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    queued = draft(acme, claude, "bob", scheduled_time=tomorrow)
    rex = acme.person("rex")
    approve_in_page(rex, queued["review_url"])
    assert wait_for_status(claude, queued["action_id"], "scheduled")

    edit_in_page(rex, queued["review_url"], body="Something else entirely")

    back = claude.call("get_action", action_id=queued["action_id"])
    assert back["action"]["status"] == "pending_approval"
    assert "Something else entirely" in back["message"]["text"]
    assert [line["what"] for line in back["history"]] == ["drafted", "approved", "edited"]


def test_of_two_approvals_at_once_one_wins_and_the_other_is_told(acme: Installation) -> None:
    claude = assistant_of(acme, "mia")
    queued = draft(acme, claude, "ana")
    people = [acme.person(name) for name in ("rex", "alice")]
    pages = [logged_in(person, queued["review_url"]) for person in people]

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(press_approve, people, pages))

    wait_for_status(claude, queued["action_id"], "completed")
    assert len(mails(acme, queued)) == 1
    assert sum(" approved this at " in answer.text for answer in answers) == 1


def test_a_changed_address_between_approval_and_dispatch_returns_the_card(
    acme: Installation,
) -> None:
    claude = assistant_of(acme, "mia")
    acme.run("from tests.e2e import deeds; deeds.meet('carl@stark.example')")
    carl = claude.call("list_contacts", search="carl@stark")["contacts"][0]["contact_id"]
    acme.seeded["carl"] = carl
    queued = draft(acme, claude, "carl")
    acme.run(
        "from tests.e2e import deeds; "
        f"deeds.approve_and_move('{queued['action_id']}', '{carl}', 'carl@moved.example')"
    )

    back = wait_for_status(claude, queued["action_id"], "pending_approval")

    assert back["action"]["status_detail"] == "drifted"
    assert "The recipient's address changed." in back["changed_since_draft"]
    assert mails(acme, queued) == []
