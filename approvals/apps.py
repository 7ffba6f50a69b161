from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """The ledger: what waits, what was decided, what was done."""

    name = "approvals"

    def ready(self) -> None:
        """Register the gate, the panels, and every operation of the ledger."""
        from accounts import landing
        from approvals import contacted
        from approvals.panels import CompanyLedgerPanel, LedgerPanel
        from approvals.queries import actions, attention, review
        from approvals.services import creation, decisions, edits, forwarding, looking, undo
        from approvals.services.arrivals import take
        from approvals.services.forgetting import forget_company, forget_contact
        from approvals.services.policies import question_after_login
        from approvals.services.proposals import LedgerGate
        from approvals.services.reading import note
        from approvals.services.stopping import StopBrake
        from approvals.timeline import ACTIONS
        from core import ddl, operations
        from crm import panels, timeline
        from crm.filters import contacted as crm_contacted
        from crm.services import erasure
        from identities import arrivals

        operations.register_gate(LedgerGate())
        operations.register_brake(StopBrake())
        operations.register_reader(note)
        landing.ask_first(question_after_login)
        operations.register_extras(attention.for_answers)
        panels.register(LedgerPanel())
        panels.register_for_companies(CompanyLedgerPanel())
        timeline.register(ACTIONS)
        erasure.also(forget_contact)
        arrivals.register(take)
        erasure.also_for_companies(forget_company)
        crm_contacted.register(contacted.e_mailed)
        crm_contacted.register(contacted.messaged)
        ddl.register(contacted.guards)
        self.operation_modules = (
            actions,
            attention,
            review,
            creation,
            decisions,
            edits,
            forwarding,
            looking,
            undo,
        )
