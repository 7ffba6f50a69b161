"""Reading a sender's mailbox: what arrived from contacts, what came back, what was sent elsewhere.

`parts` reads one message, `reports` recognises returned mail and complaints, `imap` fetches,
`sync` keeps a mailbox's place and hands what matters to the conversations and to `arrivals`.
"""
