"""MCP on the wire: transport, versions, errors. Knows no domain."""
