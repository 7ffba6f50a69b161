"""A LinkedIn login, as a person and a worker advance it."""

from typing import Any

from django.apps import apps
from django.core import serializers

from core import operations
from core.operations import Request
from identities.models import Channel, LinkedinLogin
from jobs import execution
from tests import factories
from tests.core.rows import OUR_APPS
from tests.identities.providers import CANARY
from tests.identities.test_pages import browser
from tests.team import Team


class Flow:
    """Alice's login for the team's sender."""

    def __init__(self, team: Team, **more: Any) -> None:
        self.team = team
        self.claude = factories.app(team.alice, factories.ALL_SCOPES)
        self.started = self.ask("start", identity_id=str(team.sender.pk), **more)
        self.job_id: str = self.started["job_id"]
        self.page = browser(team.alice, fresh=True)

    def ask(self, verb: str, **data: Any) -> dict[str, Any]:
        op = operations.get(f"identities.linkedin.{verb}")
        return operations.submit(self.claude, op, data, Request())

    def status(self) -> dict[str, Any]:
        return self.ask("status", job_id=self.job_id)

    def work(self) -> dict[str, Any]:
        """Run a worker's step, started by the sweeper; returns the status."""
        execution.run_job(self.job_id)
        return self.status()

    def log_in(self, word: str, password: str = CANARY) -> Any:
        typed = {"linkedin_username": f"{word}@mail.example", "linkedin_password": password}
        return self.page.post(f"/linkedin/{self.job_id}/credentials/", typed)

    def hand_in(self, code: str) -> dict[str, Any]:
        self.page.post(f"/linkedin/{self.job_id}/code/", {"code": code})
        return self.work()

    def shown(self) -> str:
        return self.page.get(f"/linkedin/{self.job_id}/").content.decode()


def every_row() -> str:
    """Every row of ours, as text."""
    rows = [
        row
        for config in apps.get_app_configs()
        if config.name in OUR_APPS
        for model in config.get_models()
        for row in model._default_manager.all()
    ]
    assert any(isinstance(row, LinkedinLogin) for row in rows)
    return str(serializers.serialize("json", rows))


def channel() -> Channel:
    """The connected channel."""
    return Channel.objects.get(kind="linkedin")
