"""Credentials.

- `credential`: bearer tokens and client certificates; `expiry`: the time at which they expire;
  `fault`: the fault of a refused one.
- `sources`, `tokens`, `incluster`: credentials that are obtained on demand, such as the token of a pod.
- `plugin`, `pluginsettings`: the entry and the policy of an exec plugin; `exec`, `erroroutput`: its execution.
- `impersonation`: requests as another user.
"""
