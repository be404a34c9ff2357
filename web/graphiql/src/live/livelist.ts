import type { ClusterOutcome } from '../answer'

interface Change {
  type?: string
  id?: string
  cluster?: string
  object?: { [key: string]: unknown } | null
}

interface LiveCluster {
  name?: string
  state?: string
  isResynced?: boolean
  error?: { code?: string; message?: string } | null
}

export interface LivePayload {
  data?: { [key: string]: { changes?: Change[]; clusters?: LiveCluster[] } | null } | null
  errors?: readonly { message: string; extensions?: { code?: string; retryable?: boolean } }[]
}

/** The state of a list after all payloads of its subscription, in the shape of one payload: `changes` has every row. */
export class LiveList {
  private readonly rows = new Map<string, Change>()
  private latest: LivePayload = {}
  private clusters: LiveCluster[] = []

  /** Whether the latest payload has errors without data, so that there is none after it. */
  isRefused = false

  /** Whether the same subscription would be refused again. */
  isOver = false

  get size(): number {
    return this.rows.size
  }

  get errors(): readonly { message: string }[] {
    return this.latest.errors ?? []
  }

  /** Takes a payload; with the first one of a connection, the list begins anew. The rows stay when the subscription ends. */
  apply(payload: LivePayload, { isFirst }: { isFirst: boolean }): void {
    const list = Object.values(payload.data ?? {})[0]
    this.isRefused = !list
    this.isOver = !list && !payload.errors?.every(({ extensions }) => extensions?.retryable)
    this.latest = list ? payload : { ...this.latest, errors: payload.errors ?? [] }
    if (isFirst && list) this.rows.clear()
    if (list?.clusters) this.clusters = list.clusters
    const resynced = new Set((list?.clusters ?? []).filter(({ isResynced }) => isResynced).map(({ name }) => name))
    if (resynced.size > 0) for (const [id, { cluster }] of this.rows) if (resynced.has(cluster)) this.rows.delete(id)
    for (const change of list?.changes ?? []) {
      if (change.id === undefined) continue
      this.rows.delete(change.id)
      if (change.type !== 'DELETED') this.rows.set(change.id, change)
    }
  }

  /** Returns the latest payload with all rows, the latest change first, instead of its changes; as it is if these have no id. */
  shown(): LivePayload {
    const [key, list] = Object.entries(this.latest.data ?? {})[0] ?? []
    if (key === undefined || !list?.changes || list.changes.some(({ id }) => id === undefined)) return this.latest
    return { ...this.latest, data: { [key]: { ...list, changes: [...this.rows.values()].reverse() } } }
  }

  outcomes(): ClusterOutcome[] {
    return this.clusters
      .filter(({ name, state }) => name !== undefined && state !== undefined)
      .map(({ name = '', state, error }) => ({
        name,
        status: state === 'LIVE' ? 'OK' : (error?.code ?? state ?? ''),
        latencyMs: null,
        message: error?.message ?? '',
      }))
  }
}
