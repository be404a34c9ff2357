"""The demo fleet: six clusters of a made-up company, the same every time, some of it in trouble.

- `company`: the clusters, the applications in them, and their troubles: tables to edit.
- `machines`: nodes, workloads and pods at any time; `objects`: the same as Kubernetes objects.
- `chance`, `moment`, `manifest`, `backoff`: draws that depend on names alone, times, JSON, and times of restarts.
- `world`: one cluster with everything in it; `clock`: moves it.
- `served`, `refusing`, `coming`: the whole fleet as senders, from the first moment.
"""
