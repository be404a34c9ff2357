"""Output on a terminal.

- `output`: results, notes and tables; `layout`: tables and trees for a width; `progressbar`: progress bars.
- `streams`: stdout and stderr where they are closed or full.
- `terminal`: untrusted text with its control characters escaped.
"""
