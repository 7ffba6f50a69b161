from agents.models.agent import Agent
from agents.models.allowed_provider import Permit
from agents.models.run import Run
from agents.models.target import Proposed, Target

__all__ = ["Agent", "Permit", "Proposed", "Run", "Target"]
