"""The assessment of a stored action for one decision: redrafted, checked, with related messages.

Made where an action is shown, approved or sent, and passed on: each fact is read once, on first
use. Deciding and sending make a new one after locking the row.
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
    """The current facts about an action. It is redrafted in the workspace of `actor`."""

    actor: Actor
    action: Action
    stage: Stage = Stage.APPROVAL

    @cached_property
    def again(self) -> Redraft:
        """The action drafted again, with its sender's current data."""
        again = drift.redraft(self.actor, self.action)
        if again.draft is not None and again.draft.identity is not None:
            self.action.identity = again.draft.identity
        return again

    @cached_property
    def unread(self) -> list[Drift]:
        """Messages since the draft that a person has to read."""
        return drift.unread(self.action)

    @cached_property
    def drifts(self) -> list[Drift]:
        """The drift since the draft."""
        return drift.since_draft(self.actor, self.action, self.again, self.unread)

    @cached_property
    def recipients(self) -> list[Recipient]:
        """The recipients, each with its contact."""
        return list(self.action.recipients.select_related("contact").order_by("-kind", "id"))

    @cached_property
    def subject(self) -> Subject | None:
        """The action as input of the checks; None for internal types."""
        if self.action.rendered is None:
            return None
        return checks.of_action(self.action, [row.address for row in self.recipients])

    @cached_property
    def findings(self) -> list[Finding]:
        """The findings of the checks."""
        return checks.findings(self.subject, self.stage)

    @cached_property
    def to_settle(self) -> list[Action]:
        """Other messages to the person that an approval has to settle."""
        subject = self.subject
        return conflicts.to_settle(self.action, subject.others) if subject else []
