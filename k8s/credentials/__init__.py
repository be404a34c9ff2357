"""Credentials.

- `credential`: bearer tokens and client certificates; `expiry`: their ends.
- `sources`, `tokens`, `plugin`, `exec`, `incluster`: credentials that are obtained on demand.
- `impersonation`: requests as another user.
"""
