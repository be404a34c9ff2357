import {
  getNamedType,
  isCompositeType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql'
import { type Token, tokens } from './tokens'
import { rowsOf } from './types'

/** A string as written, with the places of its quotes. */
export interface Text {
  kind: 'text'
  token: Token
}

export interface List {
  kind: 'list'
  items: Written[]
}

/** An input object, or the arguments of a field. */
export interface Entries {
  kind: 'entries'
  /** The name of the input type; empty for arguments. */
  typeName: string
  inputs: ReadonlyMap<string, GraphQLArgument | GraphQLInputField>
  values: Map<string, Written>
  start: number
  /** The place behind its last character; the document's end if it is not closed. */
  end: number
}

export type Written = Text | List | Entries | { kind: 'other' }

/** The arguments of a field in a list of objects of a type. */
export interface Call {
  rows: GraphQLNamedType
  arguments: Entries
}

type Frame =
  | { closer: '}'; kind: 'selection'; parent: GraphQLNamedType | undefined; rows: GraphQLNamedType | undefined }
  | { closer: ')' | '}'; kind: 'entries'; written: Entries; key: string | null }
  | { closer: ']'; kind: 'list'; written: List; input: GraphQLInputType | undefined }
  | { closer: string; kind: 'skipped' }

type AnyField = GraphQLField<unknown, unknown>

const CLOSERS: Readonly<Record<string, string>> = { '{': '}', '(': ')', '[': ']' }

/** Finds the arguments of all fields in lists of objects, in a document that need be neither complete nor valid. */
export function calls(text: string, schema: GraphQLSchema): Call[] {
  const reader = new Reader(schema, text.length)
  const all = tokens(text)
  all.forEach((token, index) => reader.read(token, all[index + 1]))
  return reader.calls
}

class Reader {
  readonly calls: Call[] = []
  private readonly frames: Frame[] = []
  /** The type of the next selection set, and the field whose arguments may follow. */
  private next: GraphQLNamedType | undefined
  private field: AnyField | undefined
  private isCondition = false
  private isDirective = false

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly end: number,
  ) {
    this.next = schema.getQueryType() ?? undefined
  }

  read(token: Token, following: Token | undefined): void {
    if (token.kind === 'punctuation' && '})]'.includes(token.text)) return this.close(token)
    const frame = this.frames.at(-1)
    if (frame?.kind === 'entries' || frame?.kind === 'list') this.readValue(frame, token, following)
    else if (frame?.kind === 'skipped') this.skip(token)
    else this.readSelection(frame, token, following)
  }

  private skip({ text }: Token): void {
    const closer = CLOSERS[text]
    if (closer) this.frames.push({ closer, kind: 'skipped' })
  }

  private readSelection(frame: Frame | undefined, token: Token, following: Token | undefined): void {
    const parent = frame?.kind === 'selection' ? frame.parent : undefined
    if (token.text === '{') this.openSelection(frame)
    else if (token.text === '(') this.openArguments(frame, token)
    else if (token.text === '@') this.isDirective = true
    else if (token.text === '...') this.next = parent
    else if (token.kind === 'name') this.readName(frame, parent, token.text, following)
  }

  private readName(frame: Frame | undefined, parent: GraphQLNamedType | undefined, name: string, following: Token | undefined): void {
    if (this.isDirective) {
      this.isDirective = false
      this.field = undefined
    } else if (this.isCondition) {
      this.isCondition = false
      this.next = this.schema.getType(name)
    } else if (name === 'on') {
      this.isCondition = true
    } else if (!frame) {
      this.next = this.rootType(name) ?? this.next
    } else if (following?.text !== ':') {
      this.field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined
      this.next = this.field && getNamedType(this.field.type)
    }
  }

  private rootType(keyword: string): GraphQLNamedType | undefined {
    if (keyword === 'query') return this.schema.getQueryType() ?? undefined
    if (keyword === 'mutation') return this.schema.getMutationType() ?? undefined
    if (keyword === 'subscription') return this.schema.getSubscriptionType() ?? undefined
    return undefined
  }

  private openSelection(frame: Frame | undefined): void {
    const around = frame?.kind === 'selection' ? frame.rows : undefined
    const parent = isCompositeType(this.next) ? this.next : undefined
    this.frames.push({ closer: '}', kind: 'selection', parent, rows: rowsOf(parent) ?? around })
    this.next = parent
    this.field = undefined
  }

  private openArguments(frame: Frame | undefined, token: Token): void {
    const rows = this.field && (rowsOf(getNamedType(this.field.type)) ?? (frame?.kind === 'selection' ? frame.rows : undefined))
    if (!this.field || !rows) {
      this.frames.push({ closer: ')', kind: 'skipped' })
      return
    }
    const inputs = new Map(this.field.args.map((argument) => [argument.name, argument]))
    const written: Entries = { kind: 'entries', typeName: '', inputs, values: new Map(), start: token.end, end: this.end }
    this.calls.push({ rows, arguments: written })
    this.frames.push({ closer: ')', kind: 'entries', written, key: null })
  }

  private readValue(frame: Frame & { kind: 'entries' | 'list' }, token: Token, following: Token | undefined): void {
    if (frame.kind === 'entries' && token.kind === 'name' && following?.text === ':') {
      frame.key = token.text
      return
    }
    if (token.text === ':') return
    const input = frame.kind === 'list' ? frame.input : frame.written.inputs.get(frame.key ?? '')?.type
    const written = this.opened(token, input)
    if (frame.kind === 'list') frame.written.items.push(written)
    else if (frame.key !== null) frame.written.values.set(frame.key, written)
  }

  private opened(token: Token, input: GraphQLInputType | undefined): Written {
    if (token.kind === 'string') return { kind: 'text', token }
    if (token.text === '[') {
      const list: List = { kind: 'list', items: [] }
      this.frames.push({ closer: ']', kind: 'list', written: list, input })
      return list
    }
    if (token.text === '{') {
      const type = input && getNamedType(input)
      const inputs = new Map(isInputObjectType(type) ? Object.entries(type.getFields()) : [])
      const written: Entries = { kind: 'entries', typeName: type?.name ?? '', inputs, values: new Map(), start: token.end, end: this.end }
      this.frames.push({ closer: '}', kind: 'entries', written, key: null })
      return written
    }
    return { kind: 'other' }
  }

  /** Closes the innermost bracket of this kind, and those inside it that are still open. */
  private close(token: Token): void {
    const index = this.frames.findLastIndex(({ closer }) => closer === token.text)
    if (index < 0) return
    for (const frame of this.frames.splice(index)) if (frame.kind === 'entries') frame.written.end = token.start
    if (token.text !== ')') this.field = undefined
    if (this.frames.length === 0) this.next = this.schema.getQueryType() ?? undefined
  }
}
