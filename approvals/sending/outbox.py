"""The state of the outbox over all workspaces: for operators and their monitoring."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from approvals.models import Action
from approvals.vocabulary import HELD, Detail, Status
from core import chain, clock


@dataclass(frozen=True, slots=True)
class Outbox:
    """`due` should have begun and has not, the oldest since `oldest_due`; `unknown` wait for a
    person to settle them; `unsealed` audit rows wait for their place in the chain.
    """

    by_status: dict[str, int]
    due: int
    oldest_due: datetime | None
    running: int
    unknown: int
    unsealed: int
    oldest_unsealed: datetime | None

    def late_seconds(self, moment: datetime) -> float:
        """The waiting time of the oldest due action."""
        return _seconds(self.oldest_due, moment)

    def unsealed_seconds(self, moment: datetime) -> float:
        """The waiting time of the oldest unsealed audit row."""
        return _seconds(self.oldest_unsealed, moment)


def outbox() -> Outbox:
    """The current outbox; a few count queries."""
    statuses = Action.objects.order_by().values("status").annotate(rows=Count("pk"))
    found = {row["status"]: row["rows"] for row in statuses}
    due = Action.objects.filter(status__in=HELD, runs_at__lte=clock.now()).aggregate(
        rows=Count("pk"), oldest=Min("runs_at")
    )
    unknown = Action.objects.filter(status=Status.FAILED, status_detail=Detail.OUTCOME_UNKNOWN)
    unsealed, oldest_unsealed = chain.waiting_for_a_seal()
    return Outbox(
        by_status={status.value: found.get(status.value, 0) for status in Status},
        due=due["rows"],
        oldest_due=due["oldest"],
        running=found.get(Status.RUNNING.value, 0),
        unknown=unknown.count(),
        unsealed=unsealed,
        oldest_unsealed=oldest_unsealed,
    )


def _seconds(since: datetime | None, moment: datetime) -> float:
    return max(0.0, (moment - since).total_seconds()) if since else 0.0
