"""Types as text in the schema definition language, in slices: with custom kinds, some have thousands of fields."""

from collections.abc import Iterable
from typing import Final

from graphql import GraphQLField, GraphQLInterfaceType, GraphQLNamedType, GraphQLObjectType, print_type

from k8s.turns.turns import Pace

_FIELDS: Final = 16
"""Fields that are printed without a break; a list with its arguments takes 0.2 ms."""


async def printed(types: Iterable[GraphQLNamedType]) -> list[str]:
    """Returns the text of each type, as graphql-core prints it."""
    pace, texts = Pace(), list[str]()
    for named in types:
        await pace.breathe()
        if isinstance(named, GraphQLObjectType | GraphQLInterfaceType) and len(named.fields) > _FIELDS:
            texts.append(await _in_slices(named, pace))
        else:
            texts.append(print_type(named))
    return texts


async def _in_slices(named: GraphQLObjectType | GraphQLInterfaceType, pace: Pace) -> str:
    fields, texts = list(named.fields.items()), list[str]()
    for start in range(0, len(fields), _FIELDS):
        await pace.breathe()
        some = dict(fields[start : start + _FIELDS])
        text = print_type(_with_fields(named, some, named.description if start == 0 else None)).removesuffix("\n}")
        if start > 0:
            _head, _brace, text = text.partition(" {\n")
            text = f"\n{text}" if fields[start][1].description else text
        texts.append(text)
    return "\n".join(texts) + "\n}"


def _with_fields(
    named: GraphQLObjectType | GraphQLInterfaceType, fields: dict[str, GraphQLField], description: str | None
) -> GraphQLNamedType:
    return type(named)(named.name, fields, named.interfaces, description=description)
