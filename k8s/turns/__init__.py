"""Turns on the event loop.

- `turns`, `steps`: long work in slices, one slice in a turn of the loop.
- `fairqueue`: round robin among callers; `looplocal`: one object for each loop.
- `activity`: the queries under way, to which work in the background gives way.
- `background`: long work in the background of the event loop; `wakeups`: many tasks that are woken at once.
- `pauses`: pauses of long work in a thread.
- `freeing`: large structures freed in slices.
"""
