"""The main job: an assistant reads and drafts, a person decides, exactly that goes out, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest

from core import clock
from tests.e2e import changes
from tests.e2e.acme import Acme
from tests.e2e.assistant import Assistant, Mode
from tests.e2e.drafting import (
    approve_in_page,
    draft,
    edit_in_page,
    logged_in,
    mails,
    press_approve,
    wait_for_status,
)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("installation")]

PATHS = ["", "/mcp"]
MODES: list[Mode] = ["legacy", "2026-07-28"]


def test_an_unconnected_app_is_told_where_to_ask(acme: Acme) -> None:
    answer = httpx.post(f"{acme.url}/mcp", json={})

    assert answer.status_code == 401
    challenge = answer.headers["www-authenticate"]
    assert f'resource_metadata="{acme.url}/.well-known/oauth-protected-resource/mcp"' in (challenge)
    assert "contacts:read" in challenge


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("mode", MODES)
def test_the_whole_flow(acme: Acme, path: str, mode: Mode) -> None:
    claude = Assistant(f"{acme.url}{path}", acme.person("mia"), mode=mode)

    assert claude.tools()[:2] == ["list_contacts", "get_contact"]
    details = claude.call("get_contact", contact_id=acme.seeded["ana"])
    assert details["contact"]["properties"]["email"] == "ana@umbrella.example"

    queued = draft(acme, claude, "ana", description="She looked at the prices.")
    assert queued["status"] == "queued"
    assert queued["review_url"] == f"{acme.url}/approvals/{queued['action_id']}/"
    assert mails(acme, queued) == []

    rex = acme.person("rex")
    approve_in_page(rex, queued["review_url"])

    done = wait_for_status(acme, claude, queued["action_id"], "completed")
    received = mails(acme, queued)
    assert len(received) == 1
    assert done["receipt"]["provider_id"] == received[0].mime["Message-ID"]
    assert received[0].rcpt_to == done["message"]["envelope_to"] == ["ana@umbrella.example"]
    assert received[0].part("plain") == done["message"]["text"]
    assert received[0].mime["Subject"] == done["message"]["subject"]


def test_to_a_known_person_an_app_that_may_act_sends_after_the_undo_window(
    acme: Acme,
) -> None:
    claude = acme.assistant("rex", tick=("actions:execute",))

    answer = draft(acme, claude, "ana", require_approval=False)

    assert answer["status"] == "scheduled"
    wait_for_status(acme, claude, answer["action_id"], "completed")
    assert len(mails(acme, answer)) == 1


def test_to_a_new_recipient_even_an_app_that_may_act_waits(acme: Acme) -> None:
    claude = acme.assistant("rex", tick=("actions:execute",))

    answer = draft(acme, claude, "bob", require_approval=False)

    assert answer["status"] == "queued"
    assert "first message to bob@initech.example" in answer["why"]


def test_without_the_box_require_approval_false_changes_nothing(acme: Acme) -> None:
    claude = acme.assistant("rex")

    answer = draft(acme, claude, "ana", require_approval=False)

    assert answer["status"] == "queued"
    assert "tick that permission" in answer["why"]


def test_the_boxes_that_decide_are_not_offered_to_a_member(acme: Acme) -> None:
    with pytest.raises((AssertionError, ExceptionGroup)):
        Assistant(acme.mcp, acme.person("mia"), tick=("actions:approve",)).tools()


def test_an_edit_after_approval_is_not_sent(acme: Acme) -> None:
    claude = acme.assistant("mia")
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    queued = draft(acme, claude, "bob", scheduled_time=tomorrow)
    rex = acme.person("rex")
    approve_in_page(rex, queued["review_url"])
    assert wait_for_status(acme, claude, queued["action_id"], "scheduled")

    edit_in_page(rex, queued["review_url"], body="Something else entirely")

    back = claude.call("get_action", action_id=queued["action_id"])
    assert back["action"]["status"] == "pending_approval"
    assert "Something else entirely" in back["message"]["text"]
    assert [line["what"] for line in back["history"]] == ["drafted", "approved", "edited"]


def test_of_two_approvals_at_once_one_wins_and_the_other_is_told(acme: Acme) -> None:
    claude = acme.assistant("mia")
    queued = draft(acme, claude, "ana")
    people = [acme.person(name) for name in ("rex", "alice")]
    pages = [logged_in(person, queued["review_url"]) for person in people]

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(press_approve, people, pages))

    wait_for_status(acme, claude, queued["action_id"], "completed")
    assert len(mails(acme, queued)) == 1
    assert sum(" approved this at " in answer.text for answer in answers) == 1


def test_a_changed_address_between_approval_and_dispatch_returns_the_card(
    acme: Acme,
) -> None:
    claude = acme.assistant("mia")
    carl = acme.seeded["carl"] = acme.do(changes.add_contact, "carl@stark.example")
    queued = draft(acme, claude, "carl")
    acme.do(changes.approve_and_move, queued["action_id"], carl, "carl@moved.example")

    back = wait_for_status(acme, claude, queued["action_id"], "pending_approval")

    assert back["action"]["status_detail"] == "drifted"
    assert "The recipient's address changed." in back["changed_since_draft"]
    assert mails(acme, queued) == []
