"""The sending loop: finds what is due in the database, claims it, does it once, records it.

It needs no broker. A claim is a compare-and-set with a lease. The attempt is committed before the
outside is called, so a crash in between leaves a trace: what was claimed but not attempted is free
again; what was attempted and not recorded is an unknown outcome, for a person.
"""
