"""Rate limits and concurrency limits of HTTP requests.

- `ratelimit`: requests of one caller, and of all callers.
- `anonymous`, `middleware`: unauthenticated requests, and the middleware that limits and spreads them.
- `bearerrequests`: requests with a token, which is not verified yet.
- `anonymousqueue`, `networkqueue`: the order of unauthenticated requests, by client network.
- `anonymousbodies`: large responses to unauthenticated requests, in pieces.
- `tokenbucket`: a rate with bursts.
"""
