"""Verdicts: whom not to ask again for what.

- `verdicts`: all of one cluster; `flow`, `recentflows`: identity and kind that they are about.
- `breaker`, `throttle`: failures, and requests to wait.
- `doubt`, `doubts`: flows, identities and clusters that let everybody down.
- `waitingroom`, `slot`, `notasked`: waiting meanwhile, and errors of requests that are not sent.
"""
