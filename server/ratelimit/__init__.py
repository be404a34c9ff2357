"""Limits of requests: who is answered, and who waits.

- `ratelimit`: requests of one caller, and of all callers.
- `callersrequests`, `familiartokens`: requests with a token, before and after it is verified.
- `strangers`, `strangerqueue`, `sitequeue`, `strangerbodies`: requests without one, and the turns that they take.
- `tokenbucket`: a rate with bursts.
"""
