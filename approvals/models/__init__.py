from approvals.models.action import Action
from approvals.models.attempt import Attempt
from approvals.models.attention import Attention
from approvals.models.breaker import Breaker
from approvals.models.policy_version import PolicyVersion
from approvals.models.reading import Reading
from approvals.models.recipient import Recipient
from approvals.models.step import Step
from approvals.models.stop import Stop
from approvals.models.suppression import Suppression

__all__ = [
    "Action",
    "Attempt",
    "Attention",
    "Breaker",
    "PolicyVersion",
    "Reading",
    "Recipient",
    "Step",
    "Stop",
    "Suppression",
]
