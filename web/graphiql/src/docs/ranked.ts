import { useDocExplorer } from '@graphiql/plugin-doc-explorer'
import { useGraphiQL } from '@graphiql/react'
import { type GraphQLArgument, type GraphQLField, type GraphQLInputField, type GraphQLNamedType, type GraphQLSchema, isInputObjectType, isInterfaceType, isObjectType } from 'graphql'
import { useCallback } from 'react'
import { isKind, kindOfList } from './kinds'

type AnyField = GraphQLField<unknown, unknown> | GraphQLInputField

interface FieldMatch {
  type: GraphQLNamedType
  field: AnyField
  argument?: GraphQLArgument
}

interface Matches {
  within: FieldMatch[]
  types: { type: GraphQLNamedType }[]
  fields: FieldMatch[]
}

const MOST_TYPES = 40
const MOST_FIELDS = 60
/** Types that connections consist of: they come after all others. */
const PLUMBING = /(Connection|Edge|Grouping)$/

/** Returns the search of the documentation: kinds first, then other types, then fields; the nearest names first in each. */
export function useRankedResults(): (text: string) => Matches {
  const schema = useGraphiQL((state) => state.schema)
  const page = useDocExplorer().at(-1)?.def
  const name = page?.name
  return useCallback((text: string) => (schema ? ranked(schema, text.trim().toLowerCase(), name) : { within: [], types: [], fields: [] }), [schema, name])
}

function ranked(schema: GraphQLSchema, text: string, page: string | undefined): Matches {
  const types = Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith('__'))
  const listed = kindOfList(schema, text)
  const query = schema.getQueryType()
  const named = types.filter((type) => type.name !== page && (type === listed || type.name.toLowerCase().includes(text)))
  const fields = types.flatMap((type) => fieldMatches(type, text))
  const typeRank = (type: GraphQLNamedType) => [type === listed ? 0 : 1, isKind(type) ? 0 : PLUMBING.test(type.name) ? 2 : 1, ...nearness(type.name, text)]
  const fieldRank = ({ type, field, argument }: FieldMatch) => [argument ? 1 : 0, ...nearness(field.name, text).slice(0, 1), type === query ? 0 : isKind(type) ? 1 : 2, field.name.length]
  return {
    within: sorted(fields.filter(({ type }) => type.name === page), fieldRank).slice(0, MOST_FIELDS),
    types: sorted(named, typeRank).slice(0, MOST_TYPES).map((type) => ({ type })),
    fields: sorted(fields.filter(({ type }) => type.name !== page), fieldRank).slice(0, MOST_FIELDS),
  }
}

function fieldMatches(type: GraphQLNamedType, text: string): FieldMatch[] {
  if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) return []
  return Object.values<AnyField>(type.getFields()).flatMap((field): FieldMatch[] => {
    if (field.name.toLowerCase().includes(text)) return [{ type, field }]
    if (!('args' in field)) return []
    return field.args.filter((argument) => argument.name.toLowerCase().includes(text)).map((argument) => ({ type, field, argument }))
  })
}

/** Returns how near a name is: the same, beginning with the text, containing it; then the shorter one. */
function nearness(name: string, text: string): number[] {
  const folded = name.toLowerCase()
  return [folded === text ? 0 : folded.startsWith(text) ? 1 : 2, name.length]
}

function sorted<T>(items: readonly T[], rank: (item: T) => number[]): T[] {
  const ranks = items.map((item) => ({ item, rank: rank(item) }))
  return ranks.sort((a, b) => compared(a.rank, b.rank)).map(({ item }) => item)
}

function compared(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
