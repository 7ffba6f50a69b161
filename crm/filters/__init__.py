"""Filters of contacts: one grammar (data-9) for segments, agents' monitoring, counts and policy.

wanted = filters.parse({"field": "lifecyclestage", "op": "eq", "value": "lead"})
filters.check(actor, wanted)                     # the segments it names exist
filters.contacts_matching(actor, wanted).count()
filters.matches(actor, wanted, contact_id)
"""

from django.db.models import Q, QuerySet

from core import clock
from core.actor import Actor
from crm.filters import compiling
from crm.filters.compiling import Among, Question, everyone
from crm.filters.nodes import Node as Filter
from crm.filters.parsing import as_data, depends_on_time, json_schema, parse, segments_in
from crm.filters.references import check
from crm.models import Contact
from crm.queries.periods import zone_of

__all__ = [
    "Among",
    "Filter",
    "as_data",
    "check",
    "contacts_matching",
    "depends_on_time",
    "everyone",
    "json_schema",
    "matches",
    "parse",
    "segments_in",
]


def contacts_matching(
    actor: Actor, wanted: Filter, among: Among = everyone
) -> QuerySet[Contact, Contact]:
    """The workspace's undeleted contacts that match the filter now.

    `among` narrows the contacts, also in subqueries: called with the name of a contact column, it
    returns a condition on it.
    """
    asked = Question(actor, clock.now(), zone_of(actor), among)
    rows: QuerySet[Contact, Contact] = Contact.objects.visible_to(actor).present()
    return rows.filter(among("pk"), compiling.compiled(asked, wanted))


def matches(actor: Actor, wanted: Filter, contact_id: str) -> bool:
    """Whether one contact matches the filter now; false if it does not exist."""
    return contacts_matching(actor, wanted, lambda column: Q(**{column: contact_id})).exists()
