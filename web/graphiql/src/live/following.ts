import { getOperationAST, parse } from 'graphql'
import { answer } from '../answer'
import { view } from '../table/view'
import { isEventStream, nextPayloads } from './events'
import { LiveList, type LivePayload } from './livelist'

/** Milliseconds between two drawings of the list. */
const PAUSE_MS = 250
const FIRST_WAIT_MS = 1_000
const MOST_WAIT_MS = 30_000

/** Returns whether an operation is a subscription; false for what does not parse, which the server explains. */
export function isSubscription(query: string, operationName?: string): boolean {
  try {
    return getOperationAST(parse(query), operationName)?.operation === 'subscription'
  } catch {
    return false
  }
}

/**
 * Follows a subscription: each value is the list as it is now. A connection that is lost is opened again, until `stop` is
 * called, which GraphiQL does with `return`.
 */
export function following(
  first: Response,
  { again, stop, mask }: { again: () => Promise<Response>; stop: () => void; mask: (payload: LivePayload) => LivePayload },
): AsyncIterable<LivePayload> {
  const state = new Following(first, again)
  view.set('table')
  const values = state.values(mask)
  const ended = { done: true, value: undefined } as const
  const iterator = {
    next: () => values.next(),
    return: () => {
      state.end()
      stop()
      return Promise.resolve(ended)
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}

class Following {
  private readonly list = new LiveList()
  private isOver = false
  private bytes = 0
  private wake: () => void = () => undefined
  private changed = new Promise<void>((resolve) => (this.wake = resolve))

  constructor(
    private readonly first: Response,
    private readonly again: () => Promise<Response>,
  ) {}

  end(): void {
    this.isOver = true
    this.wake()
  }

  async *values(mask: (payload: LivePayload) => LivePayload): AsyncGenerator<LivePayload> {
    void this.run()
    for (;;) {
      await this.changed
      this.changed = new Promise((resolve) => (this.wake = resolve))
      const shown = this.list.shown()
      const rows = `${this.list.size} ${this.list.size === 1 ? 'row' : 'rows'}`
      const live = `${this.isOver ? 'ended' : 'live'} · ${rows} · ${new Date().toLocaleTimeString()}`
      answer.set({ milliseconds: 0, bytes: this.bytes, errors: shown.errors?.length ?? 0, clusters: this.list.outcomes(), live })
      yield mask(shown)
      if (this.isOver) return
      await pause(PAUSE_MS)
    }
  }

  /** Takes the payloads of one connection after the other, until the subscription is refused or stopped. */
  private async run(): Promise<void> {
    let waitMs = FIRST_WAIT_MS
    for (let response: Response | null = this.first; !this.isOver; response = await this.again().catch(() => null)) {
      let isFirst = true
      try {
        if (response && isEventStream(response)) {
          for await (const text of nextPayloads(response)) {
            if (isFirst) this.list.clear()
            isFirst = false
            waitMs = FIRST_WAIT_MS
            this.bytes += text.length
            this.list.apply(JSON.parse(text) as LivePayload)
            this.wake()
          }
          return this.end()
        }
        if (response && response.status < 500) return this.end()
      } catch {
        if (this.list.isRefused) return this.end()
      }
      await pause(waitMs)
      waitMs = Math.min(2 * waitMs, MOST_WAIT_MS)
    }
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
