"""Who is in which segment, kept as rows (data-8), and what makes them doubtful."""
