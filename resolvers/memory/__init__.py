"""Memory of operations.

- `memory`: its bounds; `share`: what one operation holds; `weighing`: bytes of rows, estimated.
"""
