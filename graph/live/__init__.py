"""Subscriptions: lists that are evaluated again for what has changed.

- `livedocument`: a subscription's document, as a query of objects and the shape of payloads.
"""
