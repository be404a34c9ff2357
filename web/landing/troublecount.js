// How many rows of a list that is followed each cluster has.

const CURRENT = new Set(['LIVE', 'STALE'])

export class TroubleCount {
  constructor() {
    this.rows = new Map() // the cluster of each id
    this.reports = new Map()
    this.latest = new Map() // the number of each cluster when its rows were current
  }

  /** Forgets the rows, which come again; the numbers stay until then. */
  begin() {
    this.rows.clear()
    this.reports.clear()
  }

  /** Applies a payload. */
  take({ changes, clusters }) {
    this.reports = new Map(clusters.map((report) => [report.name, report]))
    const again = new Set(clusters.filter(({ isResynced }) => isResynced).map(({ name }) => name))
    if (again.size > 0) for (const [id, cluster] of this.rows) if (again.has(cluster)) this.rows.delete(id)
    for (const { type, id, cluster } of changes) {
      if (type === 'DELETED') this.rows.delete(id)
      else this.rows.set(id, cluster)
    }
    const numbers = new Map()
    for (const cluster of this.rows.values()) numbers.set(cluster, (numbers.get(cluster) ?? 0) + 1)
    for (const { name, state } of clusters) {
      if (CURRENT.has(state)) this.latest.set(name, numbers.get(name) ?? 0)
      else if (state === 'FAILED') this.latest.delete(name)
    }
  }

  /** Returns the number of a cluster; null if it is not known. */
  of(cluster) {
    return this.latest.get(cluster) ?? null
  }

  /** Returns how current the rows of a cluster are: {state, error}; undefined if nothing is known yet. */
  report(cluster) {
    return this.reports.get(cluster)
  }
}
