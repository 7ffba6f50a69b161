"""Connecting a sender's LinkedIn account: a job, a page of ours, and the provider."""
