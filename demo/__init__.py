"""The demo's own two workspaces: who logs in, who sends, what the ledger holds."""
