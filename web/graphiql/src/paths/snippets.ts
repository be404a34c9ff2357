import type { Entries } from './calls'

/** A skeleton of an input object, in the syntax of the editor. */
export interface Snippet {
  label: string
  insert: string
}

/** Skeletons for the input types that hold paths. */
const SNIPPETS: Readonly<Record<string, readonly Snippet[]>> = {
  WhereInput: [
    { label: 'path, value', insert: 'path: "$1", value: $2' },
    { label: 'path, op, value', insert: 'path: "$1", op: ${2:GT}, value: $3' },
    { label: 'or', insert: 'or: [{ path: "$1", value: $2 }, { path: "$3", value: $4 }]' },
  ],
  OrderInput: [
    { label: 'path', insert: 'path: "$1"' },
    { label: 'path, direction', insert: 'path: "$1", direction: ${2:DESC}' },
  ],
  GroupOrderInput: [
    { label: 'figure, direction', insert: 'figure: ${1:COUNT}, direction: ${2:DESC}' },
    { label: 'figure, path, direction', insert: 'figure: ${1:SUM}, path: "$2", direction: ${3:DESC}' },
  ],
}
/** The end of the text before a name: the beginning of the object, a comma, or the value before it. */
const BEFORE_NAME = /(?:^|[,\s"\]}])[_A-Za-z]*$/

/** Returns the skeletons and names that fit an input object at a place in it; none where a value is expected. */
export function snippets(entries: Entries, before: string, hasNames: boolean): Snippet[] {
  if (!BEFORE_NAME.test(before) || /:\s*[_A-Za-z]*$/.test(before)) return []
  const skeletons = entries.values.size === 0 ? (SNIPPETS[entries.typeName] ?? []) : []
  const names = hasNames ? [...entries.inputs.keys()].filter((name) => !entries.values.has(name)) : []
  return [...skeletons, ...names.map((name) => ({ label: name, insert: `${name}: ` }))]
}
