"""Circuit breakers and throttles of one cluster: failing fast, and waiting as long as an API server asks for.

- `resilience`: the state of one cluster; `flow`, `recentflows`: requests of one identity, verb and kind.
- `circuitbreaker`, `throttle`: failures, and pauses after HTTP 429 and 503.
- `suspicion`: identities and clusters all of whose flows may fail.
- `waitqueue`, `slot`, `rejections`: waiting meanwhile, and errors of requests that are not sent.
"""
