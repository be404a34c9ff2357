"""Credentials.

- `credential`: bearer tokens and client certificates; `expiry`: their ends.
- `sources`, `tokens`, `plugin`, `exec`, `incluster`: credentials that are got when they are needed.
- `impersonation`: acting as somebody else.
"""
