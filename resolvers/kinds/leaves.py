"""Leaf types of derived fields that share a Python type; `graph.schema.scalars` has their GraphQL scalars."""

from typing import NewType

ObjectId = NewType("ObjectId", str)
Quantity = NewType("Quantity", str)
QuantityMap = NewType("QuantityMap", dict[str, Quantity])
Time = NewType("Time", str)
StringMap = NewType("StringMap", dict[str, str])
Json = NewType("Json", object)
