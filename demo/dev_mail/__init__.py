"""What the demo's mail sink received, as pages under /dev/mail/; exists in DEMO only."""
