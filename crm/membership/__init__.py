"""Who is in which segment, kept as rows (rules 9): what makes them doubtful, and working them out."""
