import {
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
} from 'graphql'

type AnyField = GraphQLField<unknown, unknown>

/** Maps of free keys, and whether their values may have keys as well. */
const MAPS: Readonly<Record<string, boolean>> = { StringMap: false, QuantityMap: false, JSON: true }

/** Returns the fields of a type that has some. */
export function fieldsOf(type: GraphQLNamedType | undefined): Readonly<Record<string, AnyField>> {
  return isObjectType(type) || isInterfaceType(type) ? type.getFields() : {}
}

/** Returns the type of the objects of a connection or group: that of its `nodes`. */
export function rowsOf(type: GraphQLNamedType | undefined): GraphQLNamedType | undefined {
  const nodes = fieldsOf(type).nodes
  const element = nodes && isList(nodes.type) ? getNamedType(nodes.type) : undefined
  return isObjectType(element) || isInterfaceType(element) ? element : undefined
}

/** Returns the type that a path continues in after a field; connections are passed through, as their `nodes` are. */
export function targetOf(field: AnyField): GraphQLNamedType {
  const type = getNamedType(field.type)
  return rowsOf(type) ?? type
}

/** Returns whether a field can be part of a path: one that needs arguments cannot. */
export function isInPaths(field: AnyField): boolean {
  return !field.args.some(isRequiredArgument)
}

/** Returns whether a field has several values: a list, or a connection. */
export function isMany(field: AnyField): boolean {
  return isList(field.type) || rowsOf(getNamedType(field.type)) !== undefined
}

export function isMap(type: GraphQLNamedType): boolean {
  return type.name in MAPS
}

export function isFreeJson(type: GraphQLNamedType): boolean {
  return MAPS[type.name] === true
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(isNonNullType(type) ? getNullableType(type) : type)
}
