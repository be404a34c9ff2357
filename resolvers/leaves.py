"""Leaf types of derived fields that plain Python types do not tell apart; `graph.scalars` gives each its scalar."""

from typing import NewType

ObjectId = NewType("ObjectId", str)
Quantity = NewType("Quantity", str)
Time = NewType("Time", str)
StringMap = NewType("StringMap", dict[str, str])
