import type { GraphQLSchema } from 'graphql'
import { type PathString, pathStrings } from './pathstrings'
import { type Problem, resolve } from './resolve'

/** A path of a document that is invalid. */
export interface Finding extends Problem {
  start: number
  end: number
}

/** Returns the invalid paths of a document. Empty ones are left out: somebody is about to write them. */
export function findings(text: string, schema: GraphQLSchema): Finding[] {
  return pathStrings(text, schema).flatMap((path) => {
    const problem = problemOf(path)
    return problem ? [{ message: `path: ${path.text}${problem.message}`, nearest: problem.nearest, start: path.start, end: path.end }] : []
  })
}

function problemOf({ text, rows, isSingle }: PathString): Problem | undefined {
  if (!rows || text === '') return undefined
  const resolved = resolve(rows, text)
  if ('problem' in resolved) return resolved.problem
  const { list } = resolved.end
  if (!isSingle || !list) return undefined
  return { message: `: ${list} is a list, and objects are ordered by one value; pick an element, as in status.conditions[type=Ready].`, nearest: [] }
}
