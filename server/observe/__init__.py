"""Metrics, traces and logs.

- `metrics`, `collectors`, `clusterfigures`, `exposition`: metrics for Prometheus, and their text format.
- `watchmetrics`: those of watches.
- `metrics`, `livemetrics`, `collectors`, `clusterfigures`, `exposition`: metrics for Prometheus, and their text format.
- `operationfigures`: figures of one operation.
- `tracing`: spans for OpenTelemetry; `observers`: the observers of operations, requests and the event loop.
- `logs`, `logwriter`, `logfile`: structured logs, the thread that writes them, and the log file of commands.
- `loopstretches`, `loopsampling`: long stretches of the event loop, and the functions that ran in them.
"""
