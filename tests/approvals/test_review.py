"""The ledger as shown to an assistant: entries whole or absent, within its budget, each once."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals import confirm
from approvals.cards import build
from approvals.models import Action
from core import clock
from core.access import Role
from core.actor import Actor
from core.errors import NotFound, ValidationFailed
from tests import factories
from tests.approvals.conftest import Team, approve, decide
from tools import catalog

ANSWER_TOKENS = 8_000
LARGE = "A word or two about pricing. " * 500


def call(actor: Actor, tool: str, **arguments: Any) -> dict[str, Any]:
    return catalog.all_tools()[tool].call(actor, arguments)


def tokens(answer: dict[str, Any]) -> float:
    """Tokens of an answer as the client gets it, four bytes each."""
    return len(json.dumps(answer, ensure_ascii=False).encode()) / 4


def shown_cards(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [card for group in answer["groups"] for card in group["cards"]]


def pages(actor: Actor, **arguments: Any) -> Iterator[dict[str, Any]]:
    """Every answer, following the cursor to its end."""
    answer = call(actor, "review_pending_actions", **arguments)
    while True:
        yield answer
        if "cursor" not in answer:
            return
        arguments["cursor"] = answer["cursor"]
        answer = call(actor, "review_pending_actions", **arguments)


def fill(team: Team, count: int, body: str = "Hi Ana!") -> list[str]:
    """Creates waiting e-mails, copies of one real draft; returns their ids, oldest first."""
    first = Action.objects.get(pk=team.draft_mail(body=body)["action_id"])
    ids = [str(first.pk)]
    for number in range(count - 1):
        first.pk = Action._meta.pk.get_default()
        first.fingerprint = f"{number:032x}"
        first._state.adding = True
        first.save()
        ids.append(str(first.pk))
    return ids


@pytest.mark.parametrize("size", [10, 2_000, 15_000])
def test_the_cursor_walks_every_card_exactly_once_and_each_answer_fits(
    team: Team, size: int
) -> None:
    ids = fill(team, 45, "word " * (size // 5))
    seen: list[str] = []

    for answer in pages(team.claude):
        found = shown_cards(answer)
        assert found
        assert tokens(answer) < ANSWER_TOKENS
        assert answer["total"] == 45
        assert answer["omitted"] == 45 - len(seen) - len(found)
        assert [card["n"] for card in found] == list(
            range(len(seen) + 1, len(seen) + len(found) + 1)
        )
        seen += [card["action_id"] for card in found]
        assert all(len(card["body"]) >= size - 1 for card in found)

    assert seen == ids


def test_the_confirm_link_names_exactly_the_cards_of_its_answer(team: Team) -> None:
    fill(team, 7)
    for answer in pages(team.claude, limit=3):
        token = answer["confirm_url"].rstrip("/").rpartition("/")[2]
        assert confirm.read_token(team.claude, token) == [
            (card["action_id"], card["fingerprint"]) for card in shown_cards(answer)
        ]

    gil = factories.member(factories.workspace("Globex"), "Gil", Role.ADMIN)
    with pytest.raises(ValidationFailed, match="another workspace"):
        confirm.read_token(factories.person(gil), token)
    with pytest.raises(ValidationFailed, match="invalid"):
        confirm.read_token(team.claude, token[:-1] + ("a" if token[-1] != "a" else "b"))


@pytest.mark.parametrize("body", ["x" * 18_000, "你好" * 4_500], ids=["latin", "chinese"])
def test_what_is_too_long_has_no_fingerprint_and_is_not_approved_by_tool(
    team: Team, body: str
) -> None:
    make_known(team)
    action_id = team.draft_mail(subject="Long", body=body)["action_id"]
    trusted = factories.app(team.rex, factories.ALL_SCOPES)

    (card,) = shown_cards(call(trusted, "review_pending_actions"))
    details = call(trusted, "get_action", action_id=action_id)
    answer = approve(trusted, action_id)

    assert card["too_long"] is details["too_long"] is True
    assert not {"body", "fingerprint"} & card.keys()
    assert not {"message", "fingerprint"} & details.keys()
    assert card["review_url"] == details["review_url"]
    assert (answer["status"], answer["action_status"]) == ("needs_person", "pending_approval")
    assert "too long" in answer["why"]
    assert approve(team.reviewer, action_id)["decision"] == "approved"


def test_a_card_just_within_the_limit_is_approved_by_tool(team: Team) -> None:
    make_known(team)
    action_id = team.draft_mail(subject="Fits", body="x" * 15_900)["action_id"]

    answer = approve(factories.app(team.rex, factories.ALL_SCOPES), action_id)

    assert answer["decision"] == "approved"


def make_known(team: Team) -> None:
    first = team.draft_mail()["action_id"]
    approve(team.reviewer, first)
    Action.objects.filter(pk=first).update(status="completed")


def test_filters_show_what_they_say(team: Team) -> None:
    mail = team.draft_mail()["action_id"]
    change = team.draft_change()["action_id"]
    theirs = team.draft_mail(factories.app(team.alice), subject="Alice's")["action_id"]
    bob = factories.contact(team.place, "bob@umbrella.example", name="Bob Bo")
    other = team.draft_mail(contact_id=str(bob.pk))["action_id"]
    Action.objects.filter(pk=theirs).update(assigned_to=team.rex.user)

    def found(actor: Actor = team.claude, **arguments: Any) -> set[str]:
        answer = call(actor, "review_pending_actions", **arguments)
        return {card["action_id"] for card in shown_cards(answer)}

    assert found() == {mail, change, theirs, other}
    assert found(type="update_contact") == {change}
    assert found(contact_id=str(bob.pk)) == {other}
    assert found(mine=True) == {mail, change, other}
    assert found(factories.app(team.rex), mine=True) == {theirs}
    assert found(contact_id="ct_nobody") == set()


def test_a_cursor_that_was_not_given_is_refused(team: Team) -> None:
    for cursor in ("x", signing.dumps("act_1", salt="other")):
        with pytest.raises(ValidationFailed):
            call(team.claude, "review_pending_actions", cursor=cursor)


def test_the_details_of_an_action_tell_its_whole_story(team: Team) -> None:
    action_id = team.draft_mail()["action_id"]
    params = Action.objects.get(pk=action_id).params | {"body": "Better"}
    decide(team.reviewer, "edit", action_id, params=params)
    team.ana.lifecyclestage = "customer"
    team.ana.save()

    details = call(team.claude, "get_action", action_id=action_id)

    stored = Action.objects.get(pk=action_id)
    assert details["fingerprint"] == stored.fingerprint
    assert details["action"]["params"]["body"] == "Better"
    assert details["message"]["text"] == (stored.rendered or {})["text"]
    assert details["message"]["envelope_to"] == ["ana@umbrella.example"]
    assert details["red_reasons"] == ["first message to ana@umbrella.example"]
    assert details["changed_since_draft"] == ["Lifecycle stage: none → customer"]
    assert [line["what"] for line in details["history"]] == ["drafted", "edited"]
    assert details["history"][0]["who"] == "Mia by Claude at claude.ai"
    with pytest.raises(NotFound):
        call(team.claude, "get_action", action_id="act_01jd0000000000000000000000")


def test_the_list_filters_sorts_and_pages(team: Team) -> None:
    ids = [team.draft_mail(subject=f"Mail {number}")["action_id"] for number in range(5)]
    change = team.draft_change()["action_id"]
    approve(team.reviewer, ids[0])

    def found(**arguments: Any) -> list[str]:
        answer = call(team.claude, "list_actions", **arguments)
        return [row["action_id"] for row in answer["actions"]]

    assert found() == [change, *reversed(ids)]
    assert found(sort_dir="asc") == [*ids, change]
    assert found(status="approved") == ids[:1]
    assert found(type="email_message", sort_dir="asc", limit=2, skip=1) == ids[1:3]
    assert set(found(identity_id=str(team.mailer.pk))) == set(ids)
    assert len(found(contact_id=str(team.ana.pk))) == 6
    assert found(contact_id="nonsense") == []
    assert found(created_after=clock.iso(clock.now() + timedelta(days=1))) == []
    assert len(found(created_before=clock.iso(clock.now() + timedelta(days=1)))) == 6
    assert len(found(sort_by="runs_at")) == len(found(sort_by="expires_at")) == 6
    with pytest.raises(ValidationFailed):
        found(created_after="yesterday")
    summary = call(team.claude, "list_actions", fields="summary")["actions"][0]
    assert "params" not in summary
    total = call(team.claude, "list_actions", limit=1)["pagination"]
    assert total == {"total_items": 6, "limit": 1, "skip": 0}


@pytest.mark.parametrize("tool", ["list_actions", "review_pending_actions", "get_contact"])
@pytest.mark.parametrize("body", [LARGE, "你好 " * 2_000], ids=["latin", "chinese"])
def test_with_two_hundred_large_drafts_a_default_answer_stays_small(
    team: Team, tool: str, body: str
) -> None:
    fill(team, 200, body)
    for number in range(10):
        properties = {f"note_{key}": "y" * 2_000 for key in range(number + 1)}
        team.draft_change(factories.person(team.mia), **properties)
    Action.objects.update(description="Why this matters. " * 100)
    arguments = {"contact_id": str(team.ana.pk)} if tool == "get_contact" else {}

    answer = call(team.claude, tool, **arguments)

    assert tokens(answer) < ANSWER_TOKENS


@pytest.mark.parametrize(("size", "edits"), [(100, 200), (10_000, 3), (15_900, 3), (19_900, 3)])
def test_the_details_of_any_draft_stay_small(team: Team, size: int, edits: int) -> None:
    action_id = team.draft_mail(body="x " * (size // 2))["action_id"]
    params = Action.objects.get(pk=action_id).params
    for number in range(edits):
        decide(team.reviewer, "edit", action_id, params=params | {"subject": f"Edit {number}"})

    assert tokens(call(team.claude, "get_action", action_id=action_id)) < ANSWER_TOKENS


def test_a_draft_full_of_links_or_changes_stays_small(team: Team) -> None:
    links = " ".join(f"https://h{number}.example" for number in range(700))
    mail = team.draft_mail(body=links)
    change = team.draft_change(None, **{f"note_{key}": "y" * 2_000 for key in range(50)})

    for answer in (mail, change):
        assert tokens(answer) < ANSWER_TOKENS
        details = call(team.claude, "get_action", action_id=answer["action_id"])
        assert details["too_long"]
        assert tokens(details) < ANSWER_TOKENS
    assert all(tokens(page) < ANSWER_TOKENS for page in pages(team.claude))


def queries(step: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        step()
    return len(captured)


def test_the_queue_asks_the_database_no_more_for_a_hundred_rows_than_for_one(
    team: Team,
) -> None:
    fill(team, 1)
    one = queries(lambda: build.queue(team.reviewer))
    fill(team, 100)

    assert queries(lambda: build.queue(team.reviewer)) == one
    assert len(build.queue(team.reviewer).rows) == 100
    assert one <= 7


def test_a_list_asks_no_more_for_a_hundred_rows_and_a_card_a_fixed_number(team: Team) -> None:
    fill(team, 100)

    def asked(tool: str, limit: int) -> int:
        return queries(lambda: call(team.claude, tool, limit=limit))

    assert asked("list_actions", 100) == asked("list_actions", 1)
    one, eleven = (asked("review_pending_actions", limit) for limit in (1, 11))
    assert (eleven - one) / 10 <= 30, (one, eleven)


def test_changes_of_a_card_show_the_values_of_now(team: Team) -> None:
    action_id = team.draft_change(jobtitle="CTO")["action_id"]
    team.ana.jobtitle = "CFO"
    team.ana.save()

    (change,) = call(team.claude, "get_action", action_id=action_id)["changes"]

    assert (change["now"], change["will_be"]) == ("CFO", "CTO")


def test_a_diff_shows_what_went_and_what_came_and_loses_nothing(team: Team) -> None:
    for before, after, kinds in [
        ("one two three", "one 2 three", ["same", "gone", "new", "same"]),
        ("same", "same", []),
        ("a b c", "a b c d", ["same", "new", "same"]),
        ("x " * 9_000 + "y", "y " + "x " * 9_000, ["same", "gone", "new", "same"]),
    ]:
        action_id = team.draft_mail(body=before)["action_id"]
        params = Action.objects.get(pk=action_id).params | {"body": after}
        old = Action.objects.get(pk=action_id).rendered or {}
        decide(team.reviewer, "edit", action_id, params=params)

        card = build.card(team.reviewer, action_id)

        assert [part.kind for part in card.edited] == kinds
        if kinds:
            shown = "".join(part.text for part in card.edited if part.kind != "gone")
            assert shown == f"{card.subject}\n\n{card.body}"
            was = "".join(part.text for part in card.edited if part.kind != "new")
            assert was == f"{old['subject']}\n\n{old['text']}"
        decide(team.reviewer, "reject", action_id)
