"""Resumption: what a client has of a list, and what it has missed since.

- `resumetokens`: what it has, signed.
- `resumption`: what it has missed of one cluster.
"""
