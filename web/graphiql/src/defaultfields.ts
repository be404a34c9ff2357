import { type GraphQLField, type GraphQLType, isInterfaceType, isLeafType, isObjectType, getNamedType } from 'graphql'
import { rowsOf } from './paths/types'

type AnyField = GraphQLField<unknown, unknown>

/** The fields that tell an object from others, of those that it has. */
const IDENTITY = ['cluster', 'namespace', 'name'] as const

/** Returns the fields that complete a selection without any: the objects of a list, names of objects, or else plain values. */
export function defaultFields(type: GraphQLType): string[] {
  const named = getNamedType(type)
  if (!isObjectType(named) && !isInterfaceType(named)) return []
  const fields: Readonly<Record<string, AnyField>> = named.getFields()
  if (fields.nodes && rowsOf(named)) return fields.count ? ['key', 'count'] : ['nodes']
  if (fields.name) return IDENTITY.filter((name) => fields[name])
  return Object.values(fields).flatMap((field) => (isLeafType(getNamedType(field.type)) && field.args.length === 0 ? [field.name] : []))
}
