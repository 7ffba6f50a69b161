"""Who is in which segment, kept as rows (rules 9), and what makes them doubtful."""
