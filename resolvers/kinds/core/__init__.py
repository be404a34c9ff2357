"""Kinds of the core API group.

- `pod`, `podstatus`: pods, with kubectl's READY, STATUS and RESTARTS.
- `container`, `containerstate`: containers of pods, with their states.
- `node`: nodes; `event`: events.
"""
