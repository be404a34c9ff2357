"""Figures of subscriptions, over a process that replays an API server: recorded objects, and changes at any rate."""
