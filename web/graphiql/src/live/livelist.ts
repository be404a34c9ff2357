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
  errors?: readonly { message: string }[]
}

/** The state of a list after all payloads of its subscription, in the shape of one payload: `changes` has every row. */
export class LiveList {
  private readonly rows = new Map<string, Change>()
  private latest: LivePayload = {}
  private clusters: LiveCluster[] = []

  /** Whether the latest payload has errors without data, so that there is none after it. */
  isRefused = false

  get size(): number {
    return this.rows.size
  }

  clear(): void {
    this.rows.clear()
  }

  apply(payload: LivePayload): void {
    const list = Object.values(payload.data ?? {})[0]
    this.latest = payload
    this.isRefused = !list
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
