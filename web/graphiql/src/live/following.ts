import { getOperationAST, parse } from 'graphql'
import { answer } from '../answer'
import { parsed } from '../request/result'
import { view } from '../table/view'
import { refusal, TOKEN_REFUSED } from '../token'
import { isEventStream, nextPayloads } from './events'
import { LiveList, type LivePayload } from './livelist'

/** Milliseconds between two drawings of the list, at least and for each row: long lists take longer to draw. */
const PAUSE_MS = 250
const ROW_PAUSE_MS = 0.5
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
      state.stop()
      stop()
      return Promise.resolve(ended)
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}

class Following {
  private readonly list = new LiveList()
  private state: 'live' | 'connection lost' | 'ended' = 'live'
  private isStopped = false
  private bytes = 0
  private wake: () => void = () => undefined
  private changed = new Promise<void>((resolve) => (this.wake = resolve))

  constructor(
    private readonly first: Response,
    private readonly again: () => Promise<Response>,
  ) {}

  /** Ends it without another value: it may be another tab by now that would show it. */
  stop(): void {
    this.isStopped = true
    this.tell('ended')
    this.showFigures()
  }

  private tell(state: 'live' | 'connection lost' | 'ended'): void {
    if (this.state !== 'ended') this.state = state
    this.wake()
  }

  private showFigures(): void {
    const { size, errors } = this.list
    const figures = `${this.state} · ${size} ${size === 1 ? 'row' : 'rows'} · ${new Date().toLocaleTimeString()}`
    const answered = { milliseconds: 0, bytes: this.bytes }
    if (this.state === 'live') answer.set({ ...answered, errors: errors.length, clusters: this.list.outcomes(), live: figures })
    else answer.set({ ...answered, errors: 0, clusters: [], live: [figures, ...errors.map(({ message }) => message)].join(' · ') })
  }

  async *values(mask: (payload: LivePayload) => LivePayload): AsyncGenerator<LivePayload> {
    void this.run()
    for (;;) {
      await this.changed
      await visible() // what nobody looks at is not drawn
      this.changed = new Promise((resolve) => (this.wake = resolve))
      if (this.isStopped) return
      this.showFigures()
      const isLast = this.state === 'ended'
      yield mask(this.list.shown())
      if (isLast) return
      await pause(Math.max(PAUSE_MS, ROW_PAUSE_MS * this.list.size))
    }
  }

  /** Takes the payloads of one connection after the other, until the subscription ends or is stopped. */
  private async run(): Promise<void> {
    let waitMs = FIRST_WAIT_MS
    for (let response: Response | null = this.first; this.state !== 'ended'; response = await this.again().catch(() => null)) {
      let hasBegun = false
      try {
        for await (const payload of payloads(response)) {
          this.bytes += payload.length
          const latest = JSON.parse(payload) as LivePayload
          this.list.apply(latest, { isFirst: !hasBegun })
          hasBegun = true
          if (latest.errors?.some(({ extensions }) => extensions?.code === 'UNAUTHENTICATED')) refusal.set(TOKEN_REFUSED)
          if (this.list.isOver) return this.tell('ended')
          this.tell('live')
        }
        if (!this.list.isRefused) return this.tell('ended')
      } catch {
        // lost, or nobody answers
      }
      if (hasBegun) waitMs = FIRST_WAIT_MS
      this.tell('connection lost')
      await pause(waitMs * (0.5 + Math.random() / 2)) // not all pages at once
      waitMs = Math.min(2 * waitMs, MOST_WAIT_MS)
    }
  }
}

/** Yields the payloads of a response, or its only one; throws if it is worth another try. */
async function* payloads(response: Response | null): AsyncGenerator<string> {
  if (response && isEventStream(response)) return yield* nextPayloads(response)
  if (!response || response.status === 429 || response.status >= 500) {
    await response?.body?.cancel()
    throw new Error('No response.')
  }
  yield JSON.stringify(parsed(await response.text(), response))
}

function visible(): Promise<unknown> {
  if (!document.hidden) return Promise.resolve()
  return new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }))
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
