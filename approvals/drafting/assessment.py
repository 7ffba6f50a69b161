"""One look at a stored action, for one decision: drafted again, checked, with what is beside it.

Made where an action is shown, approved, let through or sent, and passed on: each fact is read when
it is first asked for, and once. Who decides or sends makes his own, after he holds the row.
"""

from dataclasses import dataclass
from functools import cached_property

from approvals.drafting import checks, conflicts, drift
from approvals.drafting.checks import Finding, Stage, Subject
from approvals.drafting.drift import Drift, Redraft
from approvals.models import Action, Recipient
from core.actor import Actor


@dataclass
class Assessment:
    """What is known of an action now. `actor` is whose workspace it is drafted again in."""

    actor: Actor
    action: Action
    stage: Stage = Stage.APPROVAL

    @cached_property
    def again(self) -> Redraft:
        """The action drafted again, from its sender as he is now."""
        again = drift.redraft(self.actor, self.action)
        if again.draft is not None and again.draft.identity is not None:
            self.action.identity = again.draft.identity
        return again

    @cached_property
    def unread(self) -> list[Drift]:
        """What came in or went out since the draft that a person has to read."""
        return drift.unread(self.action)

    @cached_property
    def drifts(self) -> list[Drift]:
        """What changed since the draft."""
        return drift.since_draft(self.actor, self.action, self.again, self.unread)

    @cached_property
    def recipients(self) -> list[Recipient]:
        """Whom it goes to, each with the contact it is."""
        return list(self.action.recipients.select_related("contact").order_by("-kind", "id"))

    @cached_property
    def subject(self) -> Subject | None:
        """The action as the checks look at it; None for what stays inside the database."""
        if self.action.rendered is None:
            return None
        return checks.of_action(self.action, [row.address for row in self.recipients])

    @cached_property
    def findings(self) -> list[Finding]:
        """What the checks say."""
        return checks.findings(self.subject, self.stage)

    @cached_property
    def to_settle(self) -> list[Action]:
        """The messages of others to the person of which a yes says what becomes of them."""
        subject = self.subject
        return conflicts.to_settle(self.action, subject.others) if subject else []
