import { getNamedType, type GraphQLNamedType, isLeafType } from 'graphql'
import { resolve } from './resolve'
import { fieldsOf, isInPaths, isMap } from './types'

/** A continuation of a path. */
export interface Suggestion {
  label: string
  detail: string
  description: string
  /** The text that replaces the last, unfinished step. */
  insert: string
}

/** Labels that Kubernetes recommends, for a start: the keys of a map are not in the schema. */
const LABELS = ['app', 'app.kubernetes.io/name', 'app.kubernetes.io/instance', 'app.kubernetes.io/part-of', 'app.kubernetes.io/component']
/** The last step: behind a bracket that is not closed, or behind the last dot. */
const UNFINISHED = /\[[^\]]*$|(?:^|\.)[^.[\]]*$/

/** Returns the continuations of the path before the cursor, and the length of its unfinished step. */
export function suggestions(rows: GraphQLNamedType, before: string): { found: Suggestion[]; typed: number } {
  const last = UNFINISHED.exec(before)?.[0] ?? ''
  const isBracket = last.startsWith('[')
  const typed = last.replace(/^[.[]/, '').length
  const resolved = resolve(rows, before.slice(0, before.length - last.length))
  if ('problem' in resolved || resolved.end.isValue || resolved.end.isOpen) return { found: [], typed }
  const { type, isList } = resolved.end
  if (!isBracket) return { found: fields(type), typed }
  if (isMap(type)) return { found: LABELS.map((label) => plain(label, `\\"${label}\\"]`, 'key')), typed }
  return { found: isList ? picks(type) : [], typed }
}

function fields(type: GraphQLNamedType): Suggestion[] {
  return Object.values(fieldsOf(type))
    .filter(isInPaths)
    .map(({ name, type: of, description }) => ({ label: name, detail: String(of), description: description ?? '', insert: name }))
}

function picks(type: GraphQLNamedType): Suggestion[] {
  return Object.values(fieldsOf(type))
    .filter((field) => isInPaths(field) && isLeafType(getNamedType(field.type)) && getNamedType(field.type).name === 'String')
    .map(({ name, description }) => ({ ...plain(`${name}=`, `${name}=`, 'the element with this value'), description: description ?? '' }))
}

function plain(label: string, insert: string, detail: string): Suggestion {
  return { label, detail, description: '', insert }
}
