"""Kinds of the API group batch.

- `job`, `cronjob`: jobs, and cron jobs with their runs.
- `schedule`, `cronfields`: the runs of a schedule, and cron expressions.
"""
