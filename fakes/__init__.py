"""Local servers that stand for the outside world in the demo and in tests; never in production."""
