type Json = null | boolean | number | string | Json[] | JsonObject
type JsonObject = { [key: string]: Json }

/** A list of a response, as rows of a table. */
export interface Table {
  columns: Column[]
  rows: JsonObject[]
}

/** A column; its name is the path from the row, through lists as well. */
export interface Column {
  name: string
  path: string[]
}

/** The fields of a connection that hold its objects, the first that is selected. */
const LISTS = ['nodes', 'edges', 'groups', 'changes'] as const
const NAME = /^[_A-Za-z][_0-9A-Za-z]*$/

/** Returns the first list of a response: the objects of a connection, or any other list of objects; null if there is none. */
export function tableOf(json: string): Table | null {
  let response: Json
  try {
    response = JSON.parse(json) as Json
  } catch {
    return null
  }
  const rows = isObject(response) ? firstList(response.data ?? null) : null
  return rows && { rows, columns: columnsOf(rows, []) }
}

/** Returns the values of a row in a column: several where the path leads through lists. */
export function valuesAt(row: Json, [key, ...rest]: readonly string[]): Json[] {
  if (row === null) return []
  if (Array.isArray(row)) return row.flatMap((item) => valuesAt(item, key === undefined ? [] : [key, ...rest]))
  if (key === undefined) return [row]
  return isObject(row) ? valuesAt(row[key] ?? null, rest) : []
}

/** Returns a value as text: a map as `key=value`. */
export function textOf(value: Json): string {
  if (!isObject(value)) return String(value ?? '')
  return Object.entries(value)
    .map(([key, inner]) => `${key}=${isObject(inner) || Array.isArray(inner) ? JSON.stringify(inner) : String(inner)}`)
    .join(', ')
}

function firstList(data: Json): JsonObject[] | null {
  for (let level = [data]; level.length > 0; level = level.flatMap((value) => (isObject(value) ? Object.values(value) : []))) {
    for (const value of level) {
      const list = isObject(value) ? LISTS.map((name) => value[name]).find(isList) : value
      if (isList(list)) return list.filter(isObject).map(rowOf)
    }
  }
  return null
}

/** Returns an object of a list as a row: that of an edge, or of a change. */
function rowOf(item: JsonObject): JsonObject {
  if (isObject(item.node) && 'cursor' in item) return item.node
  if (!isObject(item.object) || !('type' in item)) return item
  return 'cluster' in item ? { cluster: item.cluster ?? null, ...item.object } : item.object
}

function columnsOf(values: readonly Json[], path: string[]): Column[] {
  const objects = values.flatMap((value) => flat(value))
  if (!isStructure(objects)) return path.length > 0 ? [{ name: path.join('.'), path }] : []
  return Object.keys(objects[0] ?? {}).flatMap((key) =>
    columnsOf(
      objects.map((object) => object[key] ?? null),
      [...path, key],
    ),
  )
}

/** Returns whether values are objects of a selection: all have the same fields. Maps, such as labels, have keys of their own. */
function isStructure(values: readonly Json[]): values is JsonObject[] {
  const first = values[0]
  if (!isObject(first)) return false
  const keys = Object.keys(first)
  const isSame = (value: Json) => isObject(value) && Object.keys(value).length === keys.length && keys.every((key) => key in value)
  return keys.length > 0 && keys.every((key) => NAME.test(key)) && values.every(isSame)
}

function flat(value: Json): Json[] {
  if (value === null) return []
  return Array.isArray(value) ? value.flatMap(flat) : [value]
}

function isList(value: Json | undefined): value is Json[] {
  return Array.isArray(value) && value.every((item) => item === null || isObject(item))
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
