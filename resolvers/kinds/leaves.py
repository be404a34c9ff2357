"""Leaf types of derived fields that plain Python types do not tell apart; `graph.schema.scalars` has their scalars."""

from typing import NewType

ObjectId = NewType("ObjectId", str)
Quantity = NewType("Quantity", str)
Time = NewType("Time", str)
StringMap = NewType("StringMap", dict[str, str])
