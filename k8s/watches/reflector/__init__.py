"""The reflector of one target, as client-go calls it: all its events, over every interruption.

- `watch`: requests for watches, one after the other; `watchsink`: the protocol of the receiver of their events.
- `watchevents`: the events of one request, as they arrive; `watchevent`: one of them.
- `initialevents`: watches that begin with all objects; `listedobjects`: a list, for servers without these.
- `backoff`: the waits between the requests of one watch, and the pace of all watches of a cluster.
"""
