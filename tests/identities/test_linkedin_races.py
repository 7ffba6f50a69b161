"""Reports of a login on the provider's page, several at once."""

from collections.abc import Callable
from functools import partial

import pytest

from identities.models import LinkedinLogin
from identities.providers.linkedin.login import hosted
from tests.fakes import Provider
from tests.identities.conftest import identities_team
from tests.identities.linkedin import Flow
from tests.identities.test_linkedin_hosted import Visit
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_many_reports_at_once_one_counts(transactional_db: None, provider: Provider) -> None:
    flow = Flow(identities_team())
    for _ in range(3):
        visit = Visit(flow, provider)
        said = '{"status": "CREATION_SUCCESS", "name": "%s", "account_id": "acc_%d"}'
        bodies = [(said % (visit.login.pk, number)).encode() for number in range(6)]

        takes: list[Callable[[], None]] = [
            partial(hosted.receive_report, str(visit.login.pk), visit.secret, body)
            for body in bodies
        ]
        answers, refusals = at_once(takes)

        assert len(answers) == 1
        assert {type(refusal).__name__ for refusal in refusals} == {"NotFound"}
        assert LinkedinLogin.objects.get().account_id.startswith("acc_")
        assert LinkedinLogin.objects.get().callback_digest == ""
