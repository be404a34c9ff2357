"""Metrics, traces and logs.

- `metrics`, `collectors`, `clusterfigures`, `exposition`: metrics for Prometheus, and their text.
- `tracing`: spans for OpenTelemetry; `observers`: everything that observes operations and requests.
- `logs`, `logwriter`, `logfile`: structured logs, the thread that writes them, and the log file of commands.
- `loopstretches`, `loopsampling`: how long the event loop is held up, and by which functions.
"""
