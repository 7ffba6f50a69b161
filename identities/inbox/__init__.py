"""Reads a sender's mailbox: mail from contacts, bounces, mail sent by other programs.

`parts` reads one message, `reports` recognises returned mail and complaints, `imap` fetches,
`sync` tracks the position in a mailbox and passes relevant mail to the conversations and to
`arrivals`.
"""
