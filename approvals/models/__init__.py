from approvals.models.action import Action
from approvals.models.attempt import Attempt
from approvals.models.attention import Attention
from approvals.models.breaker import Breaker
from approvals.models.external_read import ExternalRead
from approvals.models.policy_version import PolicyVersion
from approvals.models.recipient import Recipient
from approvals.models.step import Step
from approvals.models.stop import Stop
from approvals.models.suppression import Suppression

__all__ = [
    "Action",
    "Attempt",
    "Attention",
    "Breaker",
    "ExternalRead",
    "PolicyVersion",
    "Recipient",
    "Step",
    "Stop",
    "Suppression",
]
