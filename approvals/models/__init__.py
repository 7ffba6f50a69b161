from approvals.models.action import Action
from approvals.models.attempt import Attempt
from approvals.models.recipient import Recipient
from approvals.models.step import Step
from approvals.models.stop import Stop

__all__ = ["Action", "Attempt", "Recipient", "Step", "Stop"]
