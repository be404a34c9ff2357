"""Output on a terminal.

- `output`: results, notes and tables; `progressbar`: progress bars; `terminal`: untrusted text with its control
  characters escaped.
"""
