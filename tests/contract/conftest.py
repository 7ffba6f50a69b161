from tests.approvals.conftest import sink, team

__all__ = ["sink", "team"]
