from agents.models.agent import Agent
from agents.models.allowed_provider import AllowedProvider
from agents.models.run import Run
from agents.models.target import Proposed, Target

__all__ = ["Agent", "AllowedProvider", "Proposed", "Run", "Target"]
