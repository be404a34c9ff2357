import type { GraphQLNamedType, GraphQLSchema } from 'graphql'
import { getNamedType, GraphQLString } from 'graphql'
import { type Call, calls, type Entries, type Written } from './calls'
import { elementAt } from './resolve'

/** A string of a document that holds a path, and the type that the path begins in. */
export interface PathString {
  /** The path, without quotes and escapes. */
  text: string
  /** The place behind the opening quote. */
  start: number
  /** The place of the closing quote, or the string's end if there is none. */
  end: number
  /** Undefined where it begins in a list that is unknown itself. */
  rows: GraphQLNamedType | undefined
  /** Whether it must have one value: objects cannot be ordered by several. */
  isSingle: boolean
}

/** The arguments and input fields that are paths. */
const PATHS: ReadonlySet<string> = new Set(['path', 'valuePath', 'by'])
/** Conditions on one element of the list at the `path` beside them: paths inside them begin there. */
const OF_ELEMENTS: ReadonlySet<string> = new Set(['some', 'every', 'none'])
const ORDER = 'OrderInput'

/** Returns the paths of a document, in their order, whether it is complete or not. */
export function pathStrings(text: string, schema: GraphQLSchema): PathString[] {
  return calls(text, schema).flatMap(({ rows, arguments: entries }) => inEntries(entries, rows))
}

/** Returns the input object around a place, with the type that its paths begin in. */
export function entriesAt(all: readonly Call[], offset: number): Entries | undefined {
  return all
    .flatMap(({ arguments: entries }) => [entries, ...nested(entries)])
    .filter(({ start, end }) => start <= offset && offset <= end)
    .reduce<Entries | undefined>((inner, entries) => (inner && inner.start > entries.start ? inner : entries), undefined)
}

/** Returns a string's text without its quotes; as written where its escapes are incomplete. */
export function unquoted(quoted: string): string {
  const inner = /^"(?<inner>(?:[^"\\]|\\.)*)/.exec(quoted)?.groups?.inner ?? ''
  try {
    return JSON.parse(`"${inner}"`) as string
  } catch {
    return inner
  }
}

function inEntries(entries: Entries, rows: GraphQLNamedType | undefined): PathString[] {
  return [...entries.values].flatMap(([name, written]) => {
    if (OF_ELEMENTS.has(name)) return inWritten(written, elementsOf(entries, rows))
    if (isPath(entries, name)) return texts(written).map((path) => ({ ...path, rows, isSingle: entries.typeName === ORDER }))
    return inWritten(written, rows)
  })
}

function inWritten(written: Written, rows: GraphQLNamedType | undefined): PathString[] {
  if (written.kind === 'list') return written.items.flatMap((item) => inWritten(item, rows))
  return written.kind === 'entries' ? inEntries(written, rows) : []
}

function isPath({ inputs }: Entries, name: string): boolean {
  const input = inputs.get(name)
  return PATHS.has(name) && input !== undefined && getNamedType(input.type) === GraphQLString
}

function elementsOf(entries: Entries, rows: GraphQLNamedType | undefined): GraphQLNamedType | undefined {
  const path = entries.values.get('path')
  return rows && path?.kind === 'text' ? elementAt(rows, unquoted(path.token.text)) : undefined
}

function texts(written: Written): Pick<PathString, 'text' | 'start' | 'end'>[] {
  if (written.kind === 'list') return written.items.flatMap(texts)
  if (written.kind !== 'text' || written.token.text.startsWith('"""')) return []
  const { start, end, text } = written.token
  const isClosed = text.length > 1 && text.endsWith('"') && !text.endsWith('\\"')
  return [{ text: unquoted(text), start: start + 1, end: isClosed ? end - 1 : end }]
}

function nested(written: Written): Entries[] {
  if (written.kind === 'list') return written.items.flatMap((item) => (item.kind === 'entries' ? [item, ...nested(item)] : nested(item)))
  if (written.kind !== 'entries') return []
  return [...written.values.values()].flatMap((value) => (value.kind === 'entries' ? [value, ...nested(value)] : nested(value)))
}
