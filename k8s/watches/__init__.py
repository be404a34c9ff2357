"""Watches: what changes in one cluster, as its API server says it.

- `target`: what is watched, and the requests for it; `limits`: limits.
- `watchconnection`: the connection for watches, beside the one for reads.
- `watchsource`: the protocol of whatever can be watched.
- `watchevents`: the events of one request, as they arrive.
- `listedobjects`: all objects from a list, for servers without initial events.
- `watch`: all events of a target, over interruptions; `backoff`: the waits between requests.
- `heldobjects`, `packing`: the current state of a target's objects, compressed; `heldreader`: rows of them.
- `rights`: the right to watch, reviewed again.
- `sharedwatches`: one watch of a target for all who need it.
"""
