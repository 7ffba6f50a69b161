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
    from approvals.attention import lists
    from approvals.cards import actions, review
    from approvals.deciding import decisions, edits, execute_now, resolution, undo
    from approvals.gate import creation

    return (actions, lists, review, creation, decisions, edits, execute_now, resolution, undo)


def _hook_into_operations() -> None:
    """The gate, the stop, what every answer carries, and what apps read from outside."""
    from accounts import login_redirect
    from approvals.attention import lists
    from approvals.drafting import taint
    from approvals.drafting.taint_log import note
    from approvals.gate.proposals import LedgerGate
    from approvals.policy.changes import question_after_login
    from approvals.stopping.kill_switch import StopBrake
    from core import operations

    operations.register_gate(LedgerGate())
    operations.register_brake(StopBrake())
    operations.register_reader(note)
    operations.register_taint(taint.is_tainted)
    operations.register_extras(lists.for_answers)
    login_redirect.ask_first(question_after_login)


def _hook_into_records() -> None:
    """Panels, timeline, erasure, and who was contacted when."""
    from approvals.cards import contacted
    from approvals.cards.panels import CompanyLedgerPanel, LedgerPanel
    from approvals.cards.timeline import ACTIONS
    from approvals.ledger.erasure import forget_company, forget_contact
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
    from approvals.attention import broken_channels
    from approvals.sending.inbound import take
    from identities import channels, inbound

    inbound.register(take)
    channels.when_paused(broken_channels.tell)
    channels.when_mended(broken_channels.mended)
