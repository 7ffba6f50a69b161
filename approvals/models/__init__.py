from approvals.models.action import Action
from approvals.models.attempt import Attempt
from approvals.models.breaker import Breaker
from approvals.models.recipient import Recipient
from approvals.models.step import Step

__all__ = ["Action", "Attempt", "Breaker", "Recipient", "Step"]
