import { getArgumentValues, type GraphQLNamedType, type GraphQLSchema, parse } from 'graphql'
import { readsSecret } from '../paths/resolve'
import { fieldsOf, rowsOf } from '../paths/types'
import { keyOf, type Selected, Selections, SECRET } from './selected'
import { hide } from './vault'

/** The fields through which values of Secrets can be read at all. */
const READING = /\b(data|stringData|reveal|annotations|groups|cursor|startCursor|endCursor)\b/
const VALUES: ReadonlySet<string> = new Set(['data', 'stringData'])
/** The type of what `reveal` gives, and its fields with the value. */
const REVEALED = 'RevealedValue'
const REVEALED_VALUES: ReadonlySet<string> = new Set(['value', 'text'])
const FIGURES: ReadonlySet<string> = new Set(['key', 'min', 'max', 'sum', 'avg'])
/** Positions in a list, which hold the values that it is ordered by. */
const CURSORS: ReadonlySet<string> = new Set(['cursor', 'startCursor', 'endCursor'])
/** kubectl apply writes the whole object, with its values, into this annotation. */
const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type Variables = Readonly<Record<string, unknown>>

export interface Request {
  query: string
  operationName: string | undefined
  variables: Variables
}

/** Returns a function that hides the values of Secrets in the payloads of a response, one after the other. */
export function secretMask(request: Request, schema: GraphQLSchema | null): <P extends object>(payload: P) => P {
  if (!READING.test(request.query)) return (payload) => payload
  try {
    const mask = new Mask(new Selections(parse(request.query), schema), request)
    return (payload) => mask.payload(payload)
  } catch {
    return (payload) => withParts(payload, covered, (part) => withValues(part, covered)) // the server should refuse it
  }
}

interface Part {
  id?: string
  path?: readonly (string | number)[]
  subPath?: readonly (string | number)[]
  data?: Json
  items?: Json[]
}

interface Parts {
  data?: Json
  pending?: Part[]
  incremental?: Part[]
}

function withParts<P extends object>(payload: P, data: (value: Json) => Json, part: (part: Part) => Part): P {
  const parts = payload as Parts
  return {
    ...payload,
    ...(parts.data === undefined ? {} : { data: data(parts.data) }),
    ...(parts.incremental ? { incremental: parts.incremental.map(part) } : {}),
  }
}

function withValues(part: Part, change: (value: Json) => Json): Part {
  return {
    ...part,
    ...(part.data === undefined ? {} : { data: change(part.data) }),
    ...(part.items === undefined ? {} : { items: part.items.map(change) }),
  }
}

/** A place in the response: the fields that are read there, and what is hidden of their values. Shared by all objects of a list. */
class Place {
  private readonly inner = new Map<string, Place>()

  constructor(
    private readonly fields: () => readonly Selected[],
    private readonly mask: Mask,
    readonly hides: 'all' | 'applied' | 'nothing',
  ) {}

  at(key: string): Place {
    let place = this.inner.get(key)
    if (!place) {
      const fields = this.fields().filter((field) => keyOf(field) === key)
      place = new Place(() => this.mask.selections.below(fields), this.mask, this.mask.hides(fields))
      this.inner.set(key, place)
    }
    return place
  }
}

class Mask {
  private known: readonly Selected[] | null = null
  private coerced: Variables | null = null
  private readonly root: Place
  private readonly pending = new Map<string, readonly (string | number)[]>()

  constructor(
    readonly selections: Selections,
    private readonly request: Request,
  ) {
    this.root = new Place(() => this.fields, this, 'nothing')
  }

  /** The fields of the root; found when there are data, since a document that the server refuses may expand without end. */
  private get fields(): readonly Selected[] {
    this.known ??= this.selections.root(this.request.operationName)
    return this.known
  }

  private get variables(): Variables {
    this.coerced ??= this.selections.variables(this.request.operationName, this.request.variables)
    return this.coerced
  }

  payload<P extends object>(payload: P): P {
    for (const { id, path } of (payload as Parts).pending ?? []) if (id !== undefined && path) this.pending.set(id, path)
    return withParts(
      payload,
      (data) => this.covered(data, this.root),
      (part) => this.part(part),
    )
  }

  hides(fields: readonly Selected[]): Place['hides'] {
    if (fields.some((field) => this.isSecret(field))) return 'all'
    return fields.some(({ node, isInSecret }) => isInSecret && node.name.value === 'annotations') ? 'applied' : 'nothing'
  }

  private part(part: Part): Part {
    const path = [...(this.pending.get(part.id ?? '') ?? part.path ?? []), ...(part.subPath ?? [])]
    const place = path.reduce<Place>((at, key) => (typeof key === 'string' ? at.at(key) : at), this.root)
    return withValues(part, (value) => this.covered(value, place))
  }

  private covered(value: Json, place: Place): Json {
    if (place.hides === 'all') return covered(value)
    if (place.hides === 'applied') return withoutApplied(value)
    if (Array.isArray(value)) return value.map((item) => this.covered(item, place))
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.covered(inner, place.at(key))]))
  }

  private isSecret(field: Selected): boolean {
    const { parent, list } = field
    const name = field.node.name.value
    if (VALUES.has(name)) return !parent || parent.name === SECRET
    if (name === 'reveal') return !parent
    if (REVEALED_VALUES.has(name) && parent?.name === REVEALED) return true
    if (CURSORS.has(name)) return !parent || (list !== undefined && this.reads(rowsOf(list.type), list))
    if (!FIGURES.has(name)) return false
    const rows = rowsOf(parent)
    return !parent || (rows !== undefined && (name === 'key' ? this.groupsReadSecrets(rows) : this.reads(rows, field)))
  }

  /** Returns whether any `groups` of the operation over this type group by values of Secrets. */
  private groupsReadSecrets(rows: GraphQLNamedType): boolean {
    const groups: Selected[] = []
    for (let fields = this.fields; fields.length > 0; fields = this.selections.below(fields)) {
      groups.push(...fields.filter(({ node, parent }) => node.name.value === 'groups' && rowsOf(parent) === rows))
    }
    return groups.some((field) => this.reads(rows, field))
  }

  /** Returns whether arguments of a field name values of Secrets. */
  private reads(rows: GraphQLNamedType | undefined, { node, parent }: Selected): boolean {
    const field = fieldsOf(parent)[node.name.value]
    if (!field || !rows) return true
    try {
      const { path, by, orderBy } = getArgumentValues(field, node, this.variables)
      const orders = [orderBy].flat().map((order) => (order as { path?: unknown } | null | undefined)?.path)
      return [path, by, orders].flat().some((text) => typeof text === 'string' && readsSecret(rows, text))
    } catch {
      return true
    }
  }
}

/** Returns a value whose texts, at any depth, are hidden; the keys of a map stay. */
function covered(value: Json): Json {
  if (value === null) return null
  if (Array.isArray(value)) return value.map(covered)
  if (typeof value !== 'object') return hide(value)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, covered(inner)]))
}

function withoutApplied(annotations: Json): Json {
  if (annotations === null || typeof annotations !== 'object' || Array.isArray(annotations)) return annotations
  return Object.fromEntries(Object.entries(annotations).map(([key, value]) => [key, key === APPLIED ? covered(value) : value]))
}
