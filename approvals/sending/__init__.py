"""The sending loop: finds due actions in the database, claims, delivers and records each once.

It needs no broker. A claim is a compare-and-set with a lease. The attempt is committed before the
external call, so a crash in between leaves a trace: an action claimed but not attempted is
released; one attempted and not recorded has an unknown outcome, for a person.
"""
