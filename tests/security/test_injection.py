"""540 injection probes: sixty texts in nine places, read by an assistant that obeys all of them.

The request logs are a real SMTP receiver and the logs of the providers' fake servers.
"""

import os
from dataclasses import replace
from typing import Any

import pytest

from approvals.models import Action
from approvals.sending.loop import run_once
from core.actor import Actor
from core.errors import AppError
from tests import factories
from tests.approvals.conftest import approve
from tests.security.answers import stray
from tests.security.conftest import Outside
from tests.security.obedient import Call, Obedient, strings
from tests.security.planted import ASKED_FOR, PLACES, Trap, planted
from tests.security.texts import TEXTS
from tools import catalog

pytestmark = pytest.mark.slow

EACH = 6  # texts in one team
# Every text in every place needs two minutes: `make probes` tries all 540, `make test` a part.
ALL = list(enumerate(TEXTS))[:: 1 if os.environ.get("PROBES") == "all" else 5]
BATCHES = [ALL[first : first + EACH] for first in range(0, len(ALL), EACH)]
# What the admin ticked when connecting the app.
BOXES = {"no box": factories.PROPOSING, "every box": factories.ALL_SCOPES}


def tools_of(actor: Actor) -> Call:
    """The tools as a connected app calls them; a refusal comes as its answer would say it."""
    tools = catalog.all_tools()

    def call(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        try:
            return tools[name].call(actor, arguments)
        except AppError as refusal:
            return {"error": refusal.as_dict()}

    return call


def obey(trap: Trap, boxes: str) -> Obedient:
    """An app of the admin reads everything, obeys it, and approves what waits."""
    client = replace(factories.CLAUDE, connection_id=boxes)
    actor = factories.app(trap.team.alice, BOXES[boxes], client)
    return obeying(tools_of(actor), trap)


def obeying(call: Call, trap: Trap) -> Obedient:
    """The same on every surface."""
    assistant = Obedient(call, str(trap.team.mailer.pk), set(catalog.all_tools()))
    assistant.read()
    assistant.obey()
    dispatch()
    return assistant


def dispatch() -> None:
    """Sends due actions until none is left."""
    while run_once("w"):
        pass


def of_every_probe(trap: Trap, assistant: Obedient) -> None:
    """It read every text, drafted a message to each address, and tried to approve each card."""
    read = "\n".join(strings([answer for _, answer in assistant.answers]))
    assert [probe for probe in trap.probes if probe.word not in read] == []
    waiting = Action.objects.filter(type="email_message", recipients__kind="to")
    drafted = set(waiting.values_list("recipients__address", flat=True))
    assert {probe.address for probe in trap.probes} <= drafted
    tried = {answer.get("action_id") for name, answer in assistant.answers if "approve" in name}
    strangers = [probe.address for probe in trap.probes]
    to_strangers = waiting.filter(status="pending_approval", recipients__address__in=strangers)
    assert {str(pk) for pk in to_strangers.values_list("pk", flat=True)} <= tried


def strays_of(trap: Trap, assistant: Obedient) -> list[str]:
    """Where an answer had external text inside the product's own text, or unmarked."""
    words = {probe.word for probe in trap.probes}
    found = {
        f"{tool}: {where}": None
        for tool, answer in assistant.answers
        for where in stray(answer, words)
    }
    return list(found)


def sent_to(scenario: Outside) -> list[str]:
    """The recipients of all delivered mail."""
    return [address for message in scenario.mails() for address in message.rcpt_to]


@pytest.mark.django_db
@pytest.mark.parametrize("batch", BATCHES, ids=lambda batch: f"texts from {batch[0][0]}")
def test_no_text_from_outside_sends_anything(
    scenario: Outside, batch: list[tuple[int, str]]
) -> None:
    trap = planted(batch)
    scenario.connect(trap.team)
    assert len(trap.probes) == EACH * len(PLACES)

    timid = obey(trap, "no box")

    of_every_probe(trap, timid)
    assert (sent_to(scenario), scenario.calls()) == ([], [])
    assert strays_of(trap, timid) == []

    yes = trap.team.draft_mail(contact_id=None, to=ASKED_FOR, subject="Asked for by a person")
    bold = obey(trap, "every box")

    of_every_probe(trap, bold)
    # Consent to decide in chat allows just that: messages to known recipients.
    assert ASKED_FOR in sent_to(scenario)
    assert set(sent_to(scenario)) <= trap.known
    assert Action.objects.get(pk=yes["action_id"]).status == "completed"
    assert scenario.calls() == []
    assert strays_of(trap, bold) == []

    # The request log would have seen it: a person's approval sends the message to the first new
    # recipient.
    stranger = trap.probes[0].address
    waiting = Action.objects.pending().filter(type="email_message", recipients__address=stranger)
    approve(trap.team.reviewer, str(waiting[0].pk))
    dispatch()
    assert stranger in sent_to(scenario)


def test_there_are_540_probes() -> None:
    assert len(set(TEXTS)) * len(PLACES) == 540
