"""Turns on the event loop.

- `turns`, `steps`: long work in slices, one slice in a turn of the loop.
- `fairqueue`, `roundrobin`: waiting in turn; `looplocal`: one object for each loop.
- `freeing`: letting go of many objects.
"""
