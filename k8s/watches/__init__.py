"""Watches: all changes in one cluster, as its API server reports them.

- `target`: the objects to watch, and the requests for them; `limits`: limits.
- `watchconnection`: the connection for watches, beside the one for reads; `watchsource`: its protocol.
- `reflector`: all events of a target, over interruptions.
- `heldobjects`, `heldobject`, `keyorder`, `packing`: the state of a target's objects, compressed;
  `freshness`: how current they are; `heldreader`: rows of them.
- `rights`: the right to watch, reviewed again.
- `sharedwatches`: one watch of a target for all its users; `sharedwatch`: one of these.
- `clusterwatching`, `watchbudget`, `watchmemory`, `watchfigures`: the common parts of all watches of a cluster, their
  number and memory, and figures for metrics.
"""
