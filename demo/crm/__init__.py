"""The demo's customers: companies, people, and what they did on a made-up company's site.

Everything follows from the seed and the first day, so a later run makes the same history and adds
what has happened since. Planted on purpose, each with a recent visit to /pricing (see cast.py):
Aoife Brennan replied to a message, Piotr Zieliński unsubscribed (email_consent is False), Marcus
Bell is a customer.
"""
