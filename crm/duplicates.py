"""Possible duplicates of a new record: reported to its author, never merged."""

from core.actor import Actor
from crm.models import Company, Contact
from crm.search import fold

SHOWN = 5
_LOOKED_AT = 50


def of_contact(actor: Actor, contact: Contact) -> list[dict[str, str]]:
    """Contacts with the same name at the same company, or whose address differs by its +part."""
    found = {
        **dict.fromkeys(_same_name(actor, contact), "same name and company"),
        **dict.fromkeys(_same_mailbox(actor, contact), "same address except for the part after +"),
    }
    return [
        {"contact_id": str(pk), "email": email, "why": why}
        for (pk, email), why in sorted(found.items(), key=lambda item: item[0])
    ][:SHOWN]


def of_company(actor: Actor, company: Company) -> list[dict[str, str]]:
    """Companies of the same name under another domain."""
    name = fold(company.name)
    if not name:
        return []
    rows = Company.objects.visible_to(actor).present().filter(search_text__contains=name)
    near = rows.order_by("id").values_list("pk", "domain", "name")[:_LOOKED_AT]
    return [
        {"company_id": str(pk), "domain": domain, "why": "same name"}
        for pk, domain, other in near
        if fold(other) == name
    ][:SHOWN]


def _same_name(actor: Actor, contact: Contact) -> list[tuple[str, str]]:
    name = fold(contact.full_name)
    if not name or contact.company_id is None:
        return []
    rows = Contact.objects.visible_to(actor).present().filter(company=contact.company_id)
    near = rows.filter(search_text__contains=name).order_by("id")[:_LOOKED_AT]
    return [(str(row.pk), row.email) for row in near if fold(row.full_name) == name]


def _same_mailbox(actor: Actor, contact: Contact) -> list[tuple[str, str]]:
    local, _, domain = contact.email.rpartition("@")
    base = local.partition("+")[0]
    rows = Contact.objects.visible_to(actor).present()
    plain = rows.filter(email=f"{base}@{domain}")
    tagged = rows.filter(email__startswith=f"{base}+", email__endswith=f"@{domain}")
    near = [*plain.order_by("id"), *tagged.order_by("id")[:SHOWN]]
    return [(str(row.pk), row.email) for row in near if row.email != contact.email]
