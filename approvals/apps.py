from types import ModuleType

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """The ledger: what waits, what was decided, what was done."""

    name = "approvals"

    def ready(self) -> None:
        """Register every operation of the ledger, and its hooks into the lower apps."""
        self.operation_modules = _operations()
        _hook_into_operations()
        _hook_into_records()
        _hook_into_senders()


def _operations() -> tuple[ModuleType, ...]:
    from approvals.queries import actions, attention, review
    from approvals.services import creation, decisions, edits, forwarding, looking, undo

    return (actions, attention, review, creation, decisions, edits, forwarding, looking, undo)


def _hook_into_operations() -> None:
    """The gate, the stop, what every answer carries, and what apps read from outside."""
    from accounts import login_redirect
    from approvals.queries import attention, taint
    from approvals.services.policies import question_after_login
    from approvals.services.proposals import LedgerGate
    from approvals.services.reading import note
    from approvals.services.stopping import StopBrake
    from core import operations

    operations.register_gate(LedgerGate())
    operations.register_brake(StopBrake())
    operations.register_reader(note)
    operations.register_taint(taint.is_tainted)
    operations.register_extras(attention.for_answers)
    login_redirect.ask_first(question_after_login)


def _hook_into_records() -> None:
    """Panels, timeline, erasure, and who was contacted when."""
    from approvals import contacted
    from approvals.panels import CompanyLedgerPanel, LedgerPanel
    from approvals.services.forgetting import forget_company, forget_contact
    from approvals.timeline import ACTIONS
    from core import ddl
    from crm import panels, timeline
    from crm.filters import contacted as crm_contacted
    from crm.services import erasure

    panels.register(LedgerPanel())
    panels.register_for_companies(CompanyLedgerPanel())
    timeline.register(ACTIONS)
    erasure.also(forget_contact)
    erasure.also_for_companies(forget_company)
    crm_contacted.register(contacted.e_mailed)
    crm_contacted.register(contacted.messaged)
    ddl.register(contacted.guards)


def _hook_into_senders() -> None:
    """What arrives in mailboxes, and channels that break or are mended."""
    from approvals.services import broken_channels
    from approvals.services.arrivals import take
    from identities import channels, inbound

    inbound.register(take)
    channels.when_paused(broken_channels.tell)
    channels.when_mended(broken_channels.mended)
