import { getArgumentValues, type GraphQLNamedType, type GraphQLSchema, parse } from 'graphql'
import { readsSecret } from '../paths/resolve'
import { fieldsOf, rowsOf } from '../paths/types'
import { keyOf, type Selected, Selections, SECRET } from './selected'
import { hide } from './vault'

/** The fields through which values of Secrets can be read at all. */
const READING = /\b(data|stringData|annotations|groups)\b/
const VALUES: ReadonlySet<string> = new Set(['data', 'stringData'])
const FIGURES: ReadonlySet<string> = new Set(['key', 'min', 'max', 'sum', 'avg'])
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
    return (payload) => payload // the server refuses what cannot be parsed
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
  private readonly fields: readonly Selected[]
  private readonly root: Place
  private readonly pending = new Map<string, readonly (string | number)[]>()

  constructor(
    readonly selections: Selections,
    private readonly request: Request,
  ) {
    this.fields = selections.root(request.operationName)
    this.root = new Place(() => this.fields, this, 'nothing')
  }

  payload<P extends object>(payload: P): P {
    const { data, pending, incremental } = payload as Parts
    for (const { id, path } of pending ?? []) if (id !== undefined && path) this.pending.set(id, path)
    return {
      ...payload,
      ...(data === undefined ? {} : { data: this.covered(data, this.root) }),
      ...(incremental ? { incremental: incremental.map((part) => this.part(part)) } : {}),
    }
  }

  hides(fields: readonly Selected[]): Place['hides'] {
    if (fields.some((field) => this.isSecret(field))) return 'all'
    return fields.some(({ node, isInSecret }) => isInSecret && node.name.value === 'annotations') ? 'applied' : 'nothing'
  }

  private part(part: Part): Part {
    const path = [...(this.pending.get(part.id ?? '') ?? part.path ?? []), ...(part.subPath ?? [])]
    const place = path.reduce<Place>((at, key) => (typeof key === 'string' ? at.at(key) : at), this.root)
    return {
      ...part,
      ...(part.data === undefined ? {} : { data: this.covered(part.data, place) }),
      ...(part.items === undefined ? {} : { items: part.items.map((item) => this.covered(item, place)) }),
    }
  }

  private covered(value: Json, place: Place): Json {
    if (place.hides === 'all') return covered(value)
    if (place.hides === 'applied') return withoutApplied(value)
    if (Array.isArray(value)) return value.map((item) => this.covered(item, place))
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.covered(inner, place.at(key))]))
  }

  private isSecret({ node, parent }: Selected): boolean {
    const name = node.name.value
    if (VALUES.has(name)) return !parent || parent.name === SECRET
    const rows = FIGURES.has(name) ? rowsOf(parent) : undefined
    return rows !== undefined && (name === 'key' ? this.groupsReadSecrets(rows) : this.reads(rows, { node, parent, isInSecret: false }))
  }

  /** Returns whether any `groups` of the operation over this type group by values of Secrets. */
  private groupsReadSecrets(rows: GraphQLNamedType): boolean {
    const groups: Selected[] = []
    for (let fields = this.fields; fields.length > 0; fields = this.selections.below(fields)) {
      groups.push(...fields.filter(({ node, parent }) => node.name.value === 'groups' && rowsOf(parent) === rows))
    }
    return groups.some((field) => this.reads(rows, field))
  }

  private reads(rows: GraphQLNamedType, { node, parent }: Selected): boolean {
    const field = fieldsOf(parent)[node.name.value]
    if (!field) return true
    try {
      const { path, by } = getArgumentValues(field, node, this.request.variables)
      return [path, by].flat().some((text) => typeof text === 'string' && readsSecret(rows, text))
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
