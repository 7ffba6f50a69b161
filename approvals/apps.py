from django.apps import AppConfig

from core.discovery import import_modules_of


class ApprovalsConfig(AppConfig):
    """The ledger: pending, decided and completed actions."""

    name = "approvals"

    def ready(self) -> None:
        import_modules_of(
            "approvals.attention", "approvals.cards", "approvals.deciding", "approvals.gate"
        )
        _hook_into_operations()
        _hook_into_records()
        _hook_into_senders()


def _hook_into_operations() -> None:
    """The ledger of every operation, and the question after login."""
    from accounts import login_redirect
    from approvals.gate.ledger import ApprovalsLedger
    from approvals.policy.changes import question_after_login
    from core import operations

    operations.LEDGER.register(ApprovalsLedger())
    login_redirect.QUESTIONS.register(question_after_login)


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

    panels.CONTACT_PANELS.register(LedgerPanel())
    panels.COMPANY_PANELS.register(CompanyLedgerPanel())
    timeline.SOURCES.register(ACTIONS)
    erasure.ON_CONTACT_ERASURE.register(forget_contact)
    erasure.ON_COMPANY_ERASURE.register(forget_company)
    crm_contacted.SOURCES.register(contacted.e_mailed)
    crm_contacted.SOURCES.register(contacted.messaged_contacts)
    ddl.GUARDS.register(contacted.guards)


def _hook_into_senders() -> None:
    """Incoming mail, and channels that break or are repaired."""
    from approvals.attention import broken_channels
    from approvals.sending.inbound import handle
    from identities import channels, inbound

    inbound.CONSUMERS.register(handle)
    channels.ON_PAUSE.register(broken_channels.channel_paused)
    channels.ON_RECOVERY.register(broken_channels.channel_recovered)
