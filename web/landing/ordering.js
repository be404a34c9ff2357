// Which clusters the table shows, and in which order.

const DOWN = 1e9
const WEIGHTS = { badNodes: 1000, behind: 50, badPods: 10, warnings: 1 }

/** The columns by which the table can be ordered: its key, and whether the largest is first at the first click. */
export const ORDERS = {
  trouble: { key: (cluster) => trouble(cluster), isDescending: true },
  name: { key: (cluster) => cluster.name },
  version: { key: (cluster) => cluster.answer?.version ?? '' },
  latency: { key: (cluster) => cluster.answer?.latencyMs ?? -1, isDescending: true },
  nodes: { key: (cluster) => cluster.state?.badNodes.number ?? -1, isDescending: true },
  pods: { key: (cluster) => cluster.state?.badPods.number ?? -1, isDescending: true },
  behind: { key: (cluster) => cluster.state?.behind.number ?? -1, isDescending: true },
  warnings: { key: (cluster) => cluster.state?.warnings.number ?? -1, isDescending: true },
}

/** Returns how bad a cluster's state is: one that does not answer first, then by what weighs most. */
export function trouble({ answer, state }) {
  if (answer !== null && !answer.isOk) return DOWN
  if (state === null) return 0
  return Object.entries(WEIGHTS).reduce((sum, [name, weight]) => sum + weight * (state[name].number ?? 0), 0)
}

/** Returns the clusters in an order; equal ones by name. */
export function ordered(clusters, { by, isDescending }) {
  const { key } = ORDERS[by]
  const sign = isDescending ? -1 : 1
  return clusters
    .map((cluster) => ({ cluster, key: key(cluster) }))
    .sort((one, other) => sign * compared(one.key, other.key) || compared(one.cluster.name, other.cluster.name))
    .map(({ cluster }) => cluster)
}

/** Returns whether a cluster has all words of a filter, each in its name or in one of its labels (`env=prod`). */
export function matches(cluster, filter) {
  const texts = [cluster.name, ...cluster.labels.map(([key, value]) => `${key}=${value}`)].map((text) => text.toLowerCase())
  return wordsOf(filter).every((word) => texts.some((text) => text.includes(word)))
}

export function wordsOf(filter) {
  return filter.toLowerCase().split(/[\s,]+/).filter(Boolean)
}

function compared(one, other) {
  if (typeof one === 'string') return one.localeCompare(other, 'en', { numeric: true })
  return one - other
}
