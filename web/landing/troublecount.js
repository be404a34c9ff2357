// The number of rows of a list that is followed, by cluster.

const CURRENT = new Set(['LIVE', 'STALE'])

export class TroubleCount {
  constructor() {
    this.clear()
  }

  clear() {
    this.latest = new Map() // the number of each cluster when its rows were current
    this.begin()
  }

  /** Forgets the rows, which come again; the numbers stay until then. */
  begin() {
    this.rows = new Map() // the cluster of each id
    this.numbers = new Map()
    this.reports = new Map()
  }

  /** Applies a payload. */
  take({ changes, clusters }) {
    this.reports = new Map(clusters.map((report) => [report.name, report]))
    const again = new Set(clusters.filter(({ isResynced }) => isResynced).map(({ name }) => name))
    if (again.size > 0) for (const [id, cluster] of this.rows) if (again.has(cluster)) this.#remove(id)
    for (const { type, id, cluster } of changes) {
      this.#remove(id)
      if (type === 'DELETED') continue
      this.rows.set(id, cluster)
      this.numbers.set(cluster, (this.numbers.get(cluster) ?? 0) + 1)
    }
    for (const { name, state } of clusters) {
      if (CURRENT.has(state)) this.latest.set(name, this.numbers.get(name) ?? 0)
      else if (state === 'FAILED') this.latest.delete(name)
    }
  }

  /** Returns what is known of a cluster: {number (null: it is not known), state, error}. */
  of(cluster) {
    const { state = null, error = null } = this.reports.get(cluster) ?? {}
    return { number: this.latest.get(cluster) ?? null, state, error }
  }

  #remove(id) {
    const cluster = this.rows.get(id)
    if (!this.rows.delete(id)) return
    this.numbers.set(cluster, this.numbers.get(cluster) - 1)
  }
}
