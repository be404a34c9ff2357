"""Watches: what changes in one cluster, as its API server says it.

- `target`: what is watched, and the requests for it; `limits`: limits.
- `watchconnection`: the connection for watches, beside the one for reads.
- `watchsource`, `watchsink`: the protocols of whatever can be watched, and of whoever takes it.
- `watchevents`: the events of one request, as they arrive.
- `initialevents`: watches that begin with all objects; `listedobjects`: a list, for servers without these.
- `watch`: all events of a target, over interruptions; `backoff`: the waits between requests.
- `reconnectpace`: the pace of further requests of all watches of a cluster.
- `heldobjects`, `keyorder`, `packing`: the state of a target's objects, compressed; `heldreader`: rows of them.
- `rights`: the right to watch, reviewed again.
- `sharedwatches`: one watch of a target for all who need it; `watchbudget`: their number and memory.
- `watchfigures`: figures for metrics.
"""
