import { type GraphQLNamedType, isAbstractType, isCompositeType } from 'graphql'
import { suggestionList } from 'graphql/jsutils/suggestionList'
import { type Step, stepsOf } from './steps'
import { fieldsOf, isFreeJson, isInPaths, isMany, isMap, targetOf } from './types'

/** The end of a valid path. */
export interface PathEnd {
  type: GraphQLNamedType
  /** Whether it ends with a list, whose elements can be picked. */
  isList: boolean
  /** The first list on the way of which no element is picked; empty if there is none. */
  list: string
  /** Whether it is a value in a map, which has no keys itself. */
  isValue: boolean
  /** Whether it is in the JSON of an object whose type is not known before the query is sent: anything may be below it. */
  isOpen: boolean
  /** Whether it leads through a Secret, or an object that may be one. */
  passesSecret: boolean
}

/** The reason why a path is invalid, and the nearest valid ones. */
export interface Problem {
  message: string
  nearest: string[]
}

export type Resolved = { end: PathEnd } | { problem: Problem }

/** Follows a path from a type, as the server does; the server has the last word. */
export function resolve(rows: GraphQLNamedType, text: string): Resolved {
  const { steps, wrongAt } = stepsOf(text)
  let end: PathEnd = { type: rows, isList: false, list: '', isValue: false, isOpen: false, passesSecret: false }
  let before = ''
  for (const step of steps) {
    const next = advance(end, step, before, text.slice(0, step.end))
    if ('problem' in next) return { problem: { ...next.problem, nearest: next.problem.nearest.map((near) => near + text.slice(step.end)) } }
    end = next.end
    before = text.slice(0, step.end)
  }
  return wrongAt === null ? { end } : wrong(` is no path from character ${wrongAt + 1} on; write names with dots between them, and keys of maps as metadata.labels["app"].`)
}

/** Returns the type of the elements of the list at a path; undefined if there is no list of objects. */
export function elementAt(rows: GraphQLNamedType, text: string): GraphQLNamedType | undefined {
  const resolved = resolve(rows, text)
  return 'end' in resolved && !resolved.end.isOpen && isCompositeType(resolved.end.type) ? resolved.end.type : undefined
}

/** Returns whether a path reads values of Secrets: also those that kubectl copies into an annotation. An unknown path may. */
export function readsSecret(rows: GraphQLNamedType, text: string): boolean {
  const resolved = resolve(rows, text)
  return (!('end' in resolved) || resolved.end.passesSecret) && /\b(data|stringData|annotations)\b/.test(text)
}

function advance(end: PathEnd, step: Step, before: string, after: string): Resolved {
  if (end.isOpen) return { end }
  if (step.kind === 'pick') return picked(end, step.field, before)
  if (isMap(end.type) && !end.isValue) return { end: { ...end, isValue: !isFreeJson(end.type) } }
  const fields = fieldsOf(end.type)
  if (Object.keys(fields).length === 0) return wrong(`: ${before} is a value; nothing is below it.`)
  if (step.kind === 'key') return wrong(`: ${before} is no map; its fields are reached with a dot.`)
  const field = fields[step.text]
  if (!field && before === '' && isAbstractType(end.type)) return { end: { ...end, isOpen: true, passesSecret: true } }
  if (!field) return unknown(end.type, step.text, before)
  if (!isInPaths(field)) return wrong(`: ${step.text} takes arguments, and a path has none; select it instead.`)
  const list = end.list || (isMany(field) ? after : '')
  const passesSecret = end.passesSecret || end.type.name === 'Secret' || isAbstractType(end.type)
  return { end: { type: targetOf(field), isList: isMany(field), list, isValue: false, isOpen: false, passesSecret } }
}

function picked(end: PathEnd, name: string, before: string): Resolved {
  if (!end.isList || !isCompositeType(end.type)) return wrong(`: ${before} is no list of objects; nothing can be picked.`)
  if (!fieldsOf(end.type)[name]) return unknown(end.type, name, '')
  return { end: { ...end, isList: false, list: end.list === before ? '' : end.list } }
}

function unknown(type: GraphQLNamedType, name: string, before: string): Resolved {
  const names = Object.entries(fieldsOf(type)).flatMap(([known, field]) => (isInPaths(field) ? [known] : []))
  const nearest = suggestionList(name, names).slice(0, 2)
  const written = nearest.map((near) => (before ? `${before}.${near}` : near))
  const hint = written.length > 0 ? `; did you mean ${written.join(' or ')}?` : '.'
  return { problem: { message: `: ${type.name} has no field ${name}${hint}`, nearest: written } }
}

function wrong(message: string): Resolved {
  return { problem: { message, nearest: [] } }
}
