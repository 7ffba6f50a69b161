"""The pages of agents, without JavaScript."""

from typing import Any

import pytest
from django.test import Client

from agents.models import Agent, AllowedProvider, Run
from approvals.models import Action
from core.access import Role
from jobs import execution
from tests import factories
from tests.agents.shop import FILTER, Shop, ask, make_shop
from tests.pages.conftest import Browser

MISSING = "ag_01jd0000000000000000000000"
WATCH = {
    "g0-match": "all",
    "g0-r0-kind": "event",
    "g0-r0-event": "page_view",
    "g0-r0-where": "path",
    "g0-r0-where_op": "eq",
    "g0-r0-where_value": "/pricing",
    "g0-r0-count_op": "gte",
    "g0-r0-count": "1",
    "g0-r0-days": "7",
}


@pytest.fixture
def shop(db: None) -> Shop:
    return make_shop()


@pytest.fixture
def alice(shop: Shop, browser_of: Browser) -> Client:
    return browser_of(shop.alice)


def text_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[-1500:]
    return str(answer.content.decode())


def form_of(shop: Shop, **changes: Any) -> dict[str, Any]:
    """The form of an agent that follows up pricing visits, as a browser sends it."""
    return {
        "name": "Pricing",
        "description": "Follows up visits to the prices.",
        "playbook": "# Pricing\r\n\r\n- Answer the question.",
        "capabilities": ["email", "tasks"],
        "identity_id": str(shop.mailer.pk),
        "schedule": "0 9 * * 1-5",
        "max_contacts_per_run": "25",
        "cooldown": "72",
        "playbook_template": "pricing_visitor_followup",
        "provider": "builtin",
        "max_tokens": "4096",
        "budget": "5",
        "do": "save",
        **WATCH,
        **changes,
    }


def fresh(visitor: Client) -> None:
    """Confirms the password again."""
    assert visitor.post("/settings/password/", {"password": factories.PASSWORD}).status_code == 302


def finish(run_url: str) -> Run:
    """Lets the worker do the run that a page has started."""
    run = Run.objects.select_related("job").get(pk=run_url.rstrip("/").rpartition("/")[2])
    assert execution.run_job(str(run.job_id))
    run.refresh_from_db()
    return run


def test_an_agent_is_made_from_a_template_tried_switched_on_and_run(
    shop: Shop, alice: Client
) -> None:
    shop.visitor("ana")
    assert ">: Pricing follow-up<" in text_of(alice.get("/agents/new/"))
    form = text_of(alice.get("/agents/new/?template=pricing_visitor_followup"))
    assert 'value="Pricing follow-up"' in form
    assert "What to write" in form

    made = alice.post("/agents/new/", form_of(shop))
    agent = Agent.objects.get()
    assert made["Location"] == f"/agents/{agent.pk}/"
    assert (agent.enabled, agent.filter) == (False, FILTER)
    assert agent.playbook == "# Pricing\n\n- Answer the question."
    page = text_of(alice.get(f"/agents/{agent.pk}/"))
    assert "page_view with Path is /pricing at least 1 time in 7 days" in page
    assert "At 09:00 on Monday through Friday" in page
    assert "<h1>Pricing</h1>" in page

    tried = alice.post(f"/agents/{agent.pk}/rehearse/")
    finish(tried["Location"])
    trial = text_of(alice.get(tried["Location"]))
    assert "A trial: nothing was proposed." in trial
    assert "would need approval" in trial
    assert not Action.objects.exists()

    assert "Switch on without" not in text_of(alice.get(f"/agents/{agent.pk}/"))
    alice.post(f"/agents/{agent.pk}/switch/", {"on": "yes"})
    agent.refresh_from_db()
    assert agent.enabled

    started = alice.post(f"/agents/{agent.pk}/trigger/")
    finish(started["Location"])
    card = Action.objects.get(agent_id=agent.pk)
    run = text_of(alice.get(started["Location"]))
    assert f'href="/approvals/{card.pk}/"' in run
    assert "Ana Ng" in run
    assert "page_view /pricing" in run


def test_it_is_not_switched_on_untried_by_mistake(shop: Shop, alice: Client) -> None:
    agent_id = shop.agent(enabled=False)

    answer = alice.post(f"/agents/{agent_id}/switch/", {"on": "yes"}, follow=True)

    assert "Try it on three contacts first" in text_of(answer)
    assert not Agent.objects.get().enabled
    alice.post(f"/agents/{agent_id}/switch/", {"on": "yes", "untried": "yes"})
    assert Agent.objects.get().enabled


def test_a_trial_of_what_it_was_before_does_not_count(shop: Shop, alice: Client) -> None:
    shop.visitor("ana")
    agent_id = shop.agent(enabled=False)
    finish(alice.post(f"/agents/{agent_id}/rehearse/")["Location"])
    ask(shop.admin, "agents.agent.update", agent_id=agent_id, name="Another name")
    assert "with the current settings" in text_of(alice.get(f"/agents/{agent_id}/"))

    ask(shop.admin, "agents.agent.update", agent_id=agent_id, monitoring={"cooldown": 5})

    assert "The agent changed after its" in text_of(alice.get(f"/agents/{agent_id}/"))
    alice.post(f"/agents/{agent_id}/switch/", {"on": "yes"})
    assert not Agent.objects.get().enabled


def test_a_trial_that_looked_at_nobody_does_not_count(shop: Shop, alice: Client) -> None:
    agent_id = shop.agent(enabled=False)
    finish(alice.post(f"/agents/{agent_id}/rehearse/")["Location"])

    alice.post(f"/agents/{agent_id}/switch/", {"on": "yes"})

    assert not Agent.objects.get().enabled
    assert "reviewed no contact" in text_of(alice.get(f"/agents/{agent_id}/"))


def test_people_are_named_by_their_addresses(shop: Shop, alice: Client) -> None:
    ana = shop.visitor("ana")
    shop.visitor("ben")
    agent_id = shop.agent()

    refused = alice.post(f"/agents/{agent_id}/trigger/", {"addresses": f"{ana.email} x@y.example"})
    assert "1 of the 2 addresses match no contact in this workspace." in text_of(refused, 400)
    assert not Run.objects.exists()

    run = finish(
        alice.post(f"/agents/{agent_id}/trigger/", {"addresses": ana.email.upper()})["Location"]
    )
    assert [target.contact_id for target in run.targets.all()] == [ana.pk]


def test_another_workspaces_people_are_nobody_here(shop: Shop, alice: Client) -> None:
    factories.contact(factories.workspace("Globex"), "spy@globex.example")
    agent_id = shop.agent()

    answer = alice.post(f"/agents/{agent_id}/rehearse/", {"addresses": "spy@globex.example"})

    assert "match no contact in this workspace" in text_of(answer, 400)


def test_a_saved_form_without_a_change_changes_nothing(shop: Shop, alice: Client) -> None:
    alice.post("/agents/new/", form_of(shop))
    before = Agent.objects.values().get()

    answer = alice.post(f"/agents/{before['id']}/edit/", form_of(shop), follow=True)

    assert "No change: the agent already" in text_of(answer)
    assert Agent.objects.values().get() == before


def test_building_the_filter_keeps_what_is_typed(shop: Shop, alice: Client) -> None:
    answer = alice.post("/agents/new/", form_of(shop, name="Half", do="add:0:contacted"))

    page = text_of(answer)
    assert 'value="Half"' in page
    assert 'name="g0-r1-days"' in page
    assert not Agent.objects.exists()


def test_without_a_condition_it_watches_nobody(shop: Shop, alice: Client) -> None:
    form = {key: value for key, value in form_of(shop).items() if not key.startswith("g0")}
    assert "Nobody automatically" in text_of(alice.post("/agents/preview/", form))

    alice.post("/agents/new/", form)

    agent = Agent.objects.get()
    assert agent.filter == {}
    assert "nobody automatically" in text_of(alice.get(f"/agents/{agent.pk}/"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"schedule": "own", "schedule_cron": "* * * * *"}, "at most every 15 minutes"),
        ({"schedule": "own", "schedule_cron": "soon"}, "not a five-field cron expression"),
        ({"provider": "anthropic", "model": ""}, "Set the model."),
        ({"provider": "anthropic", "model": "claude-sonnet-5-5"}, "server has no key"),
        ({"name": ""}, "This field is required."),
        ({"max_contacts_per_run": "501"}, "less than or equal to 500"),
        ({"g0-r0-count": "many"}, "Not saved"),
        ({"identity_id": "id_01jd0000000000000000000000"}, "Select a valid choice"),
    ],
)
def test_what_does_not_fit_is_said_beside_it_and_kept(
    shop: Shop, alice: Client, changes: dict[str, str], said: str
) -> None:
    answer = alice.post("/agents/new/", form_of(shop, description="Kept text", **changes))

    page = text_of(answer, 400)
    assert said in page or "error small" in page
    assert "Kept text" in page
    assert not Agent.objects.exists()


def test_a_members_change_waits_on_a_card(shop: Shop, browser_of: Browser) -> None:
    agent_id = shop.agent(enabled=False)
    mia = browser_of(shop.mia)
    assert "Your change will wait in the queue" in text_of(mia.get(f"/agents/{agent_id}/edit/"))

    answer = mia.post(f"/agents/{agent_id}/switch/", {"on": "yes", "untried": "yes"}, follow=True)

    card = Action.objects.get()
    assert f'<a href="/approvals/{card.pk}/">It waits in the queue</a>' in text_of(answer)
    shown = text_of(mia.get(f"/agents/{agent_id}/"))
    assert "A change to this agent is waiting for approval." in shown
    assert not Agent.objects.get().enabled


def test_a_card_says_in_words_what_of_an_agent_would_change(
    shop: Shop, browser_of: Browser
) -> None:
    agent_id = shop.agent()
    form = form_of(shop, name="Prices", schedule="", capabilities=["notes"], cooldown="5")
    form |= {"g0-r0-days": "3", "identity_id": "", "budget": "2", "playbook": "Be kind."}

    browser_of(shop.mia).post(f"/agents/{agent_id}/edit/", form)

    page = text_of(browser_of(shop.alice).get(f"/approvals/{Action.objects.get().pk}/"))
    for words in (
        "at least 1 time in 3 days",
        "only when started by hand",
        "<ins>Notes</ins>",
        "<del>Mia Moss</del>",
        "provider builtin, max_tokens 4096, budget 2.0",
    ):
        assert words in page
    assert "{&#x27;" not in page


def test_viewers_see_everything_and_press_nothing(shop: Shop, browser_of: Browser) -> None:
    agent_id = shop.agent()
    run = shop.run(agent_id)
    vic = browser_of(shop.vic)

    pages = [text_of(vic.get(f"/agents/{path}")) for path in ("", f"{agent_id}/")]
    pages.append(text_of(vic.get(f"/agents/runs/{run.pk}/")))

    for page in pages:
        main = page.partition("<main")[2]
        assert "<button" not in main
        assert "/edit/" not in main
    assert vic.get("/agents/new/").status_code == 403
    assert vic.get(f"/agents/{agent_id}/edit/").status_code == 403
    for verb in ("rehearse", "trigger", "switch", "duplicate", "delete"):
        answer = vic.post(f"/agents/{agent_id}/{verb}/", {"on": "no"})
        assert answer.status_code == 403, verb
    assert Agent.objects.get().enabled


def test_members_make_copy_and_delete_none(shop: Shop, browser_of: Browser) -> None:
    agent_id = shop.agent()
    mia = browser_of(shop.mia)

    assert mia.get("/agents/new/").status_code == 403
    for verb in ("duplicate", "delete"):
        assert mia.post(f"/agents/{agent_id}/{verb}/").status_code == 403
    assert mia.get(f"/agents/{agent_id}/delete/").status_code == 403
    assert Agent.objects.get().deleted_at is None


def test_a_copy_is_off_and_a_deleted_one_is_gone(shop: Shop, alice: Client) -> None:
    agent_id = shop.agent()
    copy = alice.post(f"/agents/{agent_id}/duplicate/")["Location"]
    assert "Pricing (2)" in text_of(alice.get(copy))
    run = shop.run(agent_id)

    assert "Delete Pricing?" in text_of(alice.get(f"/agents/{agent_id}/delete/"))
    alice.post(f"/agents/{agent_id}/delete/")

    assert alice.get(f"/agents/{agent_id}/").status_code == 404
    assert "Pricing (deleted)" in text_of(alice.get(f"/agents/runs/{run.pk}/"))
    assert f"/agents/{agent_id}/" not in text_of(alice.get("/agents/")).partition("<main")[2]


@pytest.mark.parametrize(
    "path",
    ["{agent}/", "{agent}/edit/", "{agent}/delete/", "runs/{run}/"],
)
def test_foreign_and_missing_ones_are_the_same_answer(
    shop: Shop, browser_of: Browser, path: str
) -> None:
    agent_id = shop.agent()
    run = shop.run(agent_id)
    gil = browser_of(factories.member(factories.workspace("Globex"), "Gil", Role.ADMIN))
    own = {"agent": agent_id, "run": str(run.pk)}
    assert browser_of(shop.alice).get(f"/agents/{path.format(**own)}").status_code == 200

    foreign = gil.get(f"/agents/{path.format(**own)}")
    missing = gil.get(f"/agents/{path.format(agent=MISSING, run='run_x')}")

    assert (foreign.status_code, missing.status_code) == (404, 404)


@pytest.mark.parametrize("verb", ["rehearse", "trigger", "switch", "duplicate", "delete"])
def test_a_click_from_another_workspace_does_nothing(
    shop: Shop, browser_of: Browser, verb: str
) -> None:
    agent_id = shop.agent()
    gil = browser_of(factories.member(factories.workspace("Globex"), "Gil", Role.ADMIN))

    answer = gil.post(f"/agents/{agent_id}/{verb}/", {"on": "no"})

    assert answer.status_code == 404
    agent = Agent.objects.get()
    assert (agent.enabled, agent.deleted_at) == (True, None)
    assert not Run.objects.exists()


def test_a_run_at_work_asks_anew_and_can_be_cancelled(shop: Shop, alice: Client) -> None:
    shop.visitor("ana")
    url = alice.post(f"/agents/{shop.agent()}/trigger/")["Location"]
    page = text_of(alice.get(url))
    assert 'hx-trigger="every 2s"' in page
    assert '<noscript><meta http-equiv="refresh"' in page

    answer = alice.post(f"{url}cancel/", follow=True)

    page = text_of(answer)
    assert "cancelled" in page
    assert "hx-trigger" not in page
    run = Run.objects.select_related("job").get()
    assert run.job.status == "cancelled"


def test_only_who_started_it_and_admins_cancel_a_run(shop: Shop, browser_of: Browser) -> None:
    url = browser_of(shop.alice).post(f"/agents/{shop.agent()}/trigger/")["Location"]
    rex = browser_of(shop.rex)

    assert "Cancel</button>" not in text_of(rex.get(url))
    assert rex.post(f"{url}cancel/").status_code == 404
    assert Run.objects.get().job.status == "queued"


def test_a_second_run_is_refused_in_words(shop: Shop, alice: Client) -> None:
    agent_id = shop.agent()
    alice.post(f"/agents/{agent_id}/trigger/")

    answer = alice.post(f"/agents/{agent_id}/trigger/")

    assert "This is already running." in text_of(answer, 409)
    assert Run.objects.count() == 1


def test_the_page_of_a_contact_in_a_long_run_is_found(shop: Shop, alice: Client) -> None:
    people = [
        factories.contact(shop.place, f"p{n}@x.example", name=f"Person {n}") for n in range(30)
    ]
    run = shop.run(shop.agent(), contact_ids=[str(row.pk) for row in people])
    url = f"/agents/runs/{run.pk}/"
    assert "Person 29" not in text_of(alice.get(url))
    assert "Page 1 of 2" in text_of(alice.get(url))

    page = text_of(alice.get(f"{url}?contact={people[29].pk}"))

    assert "Person 29" in page
    assert "Page 2 of 2" in page


def test_what_reviewers_said_is_on_its_page(shop: Shop, alice: Client) -> None:
    shop.visitor("ana")
    agent_id = shop.agent()
    shop.run(agent_id)
    card = Action.objects.get()
    ask(
        shop.reviewer,
        "approvals.action.reject",
        action_id=str(card.pk),
        reason_code="wrong_time",
        reason="She is <b>away</b>.",
    )

    page = text_of(alice.get(f"/agents/{agent_id}/"))

    assert "rejected: wrong time" in page
    assert "She is &lt;b&gt;away&lt;/b&gt;." in page


def test_one_that_switched_itself_off_says_why(shop: Shop, alice: Client) -> None:
    agent_id = shop.agent()
    Agent.objects.update(enabled=False, switched_off_why="Its model’s provider refused: no credit.")

    for path in ("", f"{agent_id}/"):
        assert "provider refused: no credit." in text_of(alice.get(f"/agents/{path}"))


def test_a_playbook_is_shown_without_what_could_run(shop: Shop, alice: Client) -> None:
    evil = "# Title\n\n<script>alert(1)</script> [x](javascript:alert(1)) ![i](https://x.example/i)"
    agent_id = shop.agent(playbook={"playbook_md": evil})

    page = text_of(alice.get(f"/agents/{agent_id}/")).partition("<main")[2]

    assert "<script>" not in page
    assert 'href="javascript' not in page
    assert "<img" not in page


def test_a_provider_is_allowed_after_the_password_and_is_an_access_grant(
    shop: Shop, alice: Client, settings: Any
) -> None:
    settings.ANTHROPIC_API_KEY = "key"
    assert "is sent to its provider" in text_of(alice.get("/agents/"))
    stale = alice.post("/agents/providers/anthropic/allow/")
    assert stale["Location"].startswith("/settings/password/")
    assert not AllowedProvider.objects.exists()

    fresh(alice)
    alice.post("/agents/providers/anthropic/allow/")

    provider = AllowedProvider.objects.get()
    grants = text_of(alice.get("/settings/external-access/"))
    assert f"/agents/providers/{provider.pk}/close/" in grants
    alice.post(f"/agents/providers/{provider.pk}/close/")
    assert not AllowedProvider.objects.exists()


def test_a_provider_without_a_key_is_not_offered(shop: Shop, alice: Client, settings: Any) -> None:
    settings.OPENAI_API_KEY = ""
    fresh(alice)
    assert "/agents/providers/openai/allow/" not in text_of(alice.get("/agents/"))

    answer = alice.post("/agents/providers/openai/allow/", follow=True)

    assert "no key for this provider" in text_of(answer)
    assert not AllowedProvider.objects.exists()


def test_members_allow_no_provider(shop: Shop, browser_of: Browser, settings: Any) -> None:
    settings.OPENAI_API_KEY = "key"
    mia = browser_of(shop.mia)
    fresh(mia)

    assert mia.post("/agents/providers/openai/allow/").status_code == 403
    assert not AllowedProvider.objects.exists()


def test_the_queue_is_filtered_by_agent_and_a_card_leads_to_it(shop: Shop, alice: Client) -> None:
    shop.visitor("ana")
    one, other = shop.agent(), shop.agent(name="Second", enabled=False)
    run = shop.run(one)
    card = Action.objects.get()

    page = text_of(alice.get(f"/approvals/?agent={one}"))
    assert f'<option value="{one}" selected>Pricing</option>' in page
    assert f'href="/agents/{one}/"' in page
    assert f'href="/agents/runs/{run.pk}/?contact={card.contact_id}#{card.contact_id}"' in page
    assert "All clear" in text_of(alice.get(f"/approvals/?agent={other}"))
