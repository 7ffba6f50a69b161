"""Common end-to-end steps: draft an e-mail, approve it in a page, read the received mail."""

import itertools
from typing import Any

import httpx

from tests.e2e import changes
from tests.e2e.acme import Acme
from tests.e2e.assistant import Assistant
from tests.e2e.people import Person, form_on
from tests.mail import Received, wait_until

_numbers = itertools.count(1)


def draft(acme: Acme, assistant: Assistant, whom: str, **more: Any) -> dict[str, Any]:
    """Draft an e-mail; the answer, with its unique `subject`."""
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


def mails(acme: Acme, drafted: dict[str, Any]) -> list[Received]:
    """The messages received for one draft."""
    return [mail for mail in acme.sink.received() if mail.mime["Subject"] == drafted["subject"]]


def wait_for_status(
    acme: Acme, assistant: Assistant, action_id: str, status: str
) -> dict[str, Any]:
    """The action, as the assistant sees it, once it has the status."""
    wait_until(
        lambda: acme.do(changes.status_of, action_id) == status, f"{action_id} is {status}", 120
    )
    shown = assistant.call("get_action", action_id=action_id)
    assert shown["action"]["status"] == status
    return shown


def logged_in(person: Person, url: str) -> httpx.Response:
    """The page, after the login form if it is shown."""
    page = person.http.get(url)
    return person.log_in(page) if 'name="password"' in page.text else page


def press_approve(person: Person, page: httpx.Response) -> httpx.Response:
    """Approve; if another test's message to the same person waits, confirm that both are sent."""
    form = form_on(page, lambda f: f.action.endswith("/approve/"), "approve")
    both = [form.buttons[label] for label in ("Send both",) if label in form.buttons]
    return person.send(page, form, [*form.fields, *both])


def approve_in_page(person: Person, url: str) -> httpx.Response:
    """Open the card and approve it."""
    return press_approve(person, logged_in(person, url))


def edit_in_page(person: Person, url: str, **changed: str) -> httpx.Response:
    """Open the card's form, change fields, save."""
    page = person.http.get(url, params={"edit": "1"})
    form = form_on(page, lambda f: f.action.endswith("/edit/"), "edit")
    kept = [pair for pair in form.fields if pair[0] not in changed]
    return person.send(page, form, [*kept, *changed.items()])
