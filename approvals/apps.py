from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """The ledger: what waits, what was decided, what was done."""

    name = "approvals"
