"""Kinds of the core API group.

- `pod`, `podstatus`: pods, with kubectl's READY, STATUS and RESTARTS; `podlinks`: their links.
- `podresources`: requests and limits of pods.
- `container`, `containerstate`, `containerprobes`: containers of pods, with their states and probes.
- `node`: nodes; `event`: events.
"""
