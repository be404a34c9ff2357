"""Kinds of the API group policy.

- `poddisruptionbudget`: disruption budgets, and what they protect.
"""
