"""Kinds of the core API group.

- `pod`, `podstatus`: pods, with kubectl's columns; `podresources`, `usualpods`: requests and limits; `podlinks`: links.
- `container`, `containerstate`, `containerprobes`: containers of pods, with their states and probes.
- `node`: nodes; `event`, `eventsubject`: events; `service`, `endpoints`, `loadbalancing`: services and their addresses.
"""
