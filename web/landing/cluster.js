// The state of one cluster: its registration, and its last responses.

import { TROUBLES } from './questions.js'
import { LENGTH } from './sparkline.js'

export const LIST = '{ viewer { name administrator } clusters { name description labels source takenAt credential { expiresAt isExpiring } } }'

// One cluster a query, so that none waits for another. The list of nodes costs one small request, and has the error.
export const HEALTH = `query Health($names: [String!]) {
  clusters(names: $names) { reachable version latencyMs counts { nodes pods } }
  nodes(clusters: {names: $names}) { totalCount clusters { status error { message } } }
}`

const SOON_MS = 5_000
const LATEST_MS = 30_000
const PER_CLUSTER_MS = 250 // a fleet of hundreds is refreshed less often
const STATE_MS = 30_000 // what is wrong needs whole lists, so it is asked for less often
const STATE_PER_CLUSTER_MS = 1_000
const OLD_MS = 45_000

export class Cluster {
  constructor(registered) {
    this.latencies = []
    this.failures = 0
    this.dueAt = 0
    this.stateDueAt = 0
    this.answer = null // {isOk, status, message, version (null: unknown), latencyMs, nodes, pods, at}
    this.state = null // a number for each of TROUBLES, null where its list failed; and `at`
    this.isAsked = this.isStateAsked = false
    this.register(registered)
  }

  register({ name, description, labels, source, takenAt, credential }) {
    this.name = name
    this.takenAt = source === 'SNAPSHOT' ? takenAt : null
    this.description = description
    this.credentialEndsAt = credential?.isExpiring ? credential.expiresAt : null // visible to administrators, 14 days ahead
    this.labels = Object.entries(labels ?? {}).sort(([one], [other]) => (one < other ? -1 : 1))
  }

  /** Applies the response to HEALTH. */
  take({ data }, { now, fleet }) {
    const health = data.clusters?.[0]
    const list = data.nodes?.clusters?.[0]
    if (!health) return
    const isOk = health.reachable
    this.answer = {
      isOk,
      status: isOk ? (list?.status ?? 'OK') : list?.status === 'OK' ? 'UNREACHABLE' : (list?.status ?? 'UNREACHABLE'),
      message: this.#shortened(list?.error?.message ?? ''),
      version: health.version,
      latencyMs: health.latencyMs,
      nodes: health.counts.nodes,
      pods: health.counts.pods,
      at: now,
    }
    this.latencies = [...this.latencies, health.latencyMs].slice(-LENGTH)
    this.failures = isOk ? 0 : this.failures + 1
    this.#schedule(now, fleet)
  }

  /** Applies the response to STATE. */
  takeState({ data }, { now, fleet }) {
    const counts = Object.keys(TROUBLES).map((name) => [name, counted(data[name])])
    this.state = { ...Object.fromEntries(counts), at: now }
    this.missState({ now, fleet })
  }

  /** There was no response: the old answer stays. */
  miss({ now, fleet }) {
    this.#schedule(now, fleet)
  }

  missState({ now, fleet }) {
    this.stateDueAt = now + Math.max(STATE_MS, fleet * STATE_PER_CLUSTER_MS)
  }

  /** Returns whether it is time to ask what is wrong; a cluster that does not answer is not asked. */
  isStateDue(now) {
    return this.answer?.isOk === true && !this.isStateAsked && now >= this.stateDueAt
  }

  isOld(now) {
    return this.answer !== null && now - this.answer.at > OLD_MS + this.pace
  }

  #schedule(now, fleet) {
    this.pace = Math.max(Math.min(SOON_MS * 2 ** Math.max(0, this.failures - 1), LATEST_MS), fleet * PER_CLUSTER_MS)
    this.dueAt = now + this.pace
  }

  /** Removes the cluster's name, which the row has already, and the note of the circuit breaker. */
  #shortened(message) {
    const own = `cluster '${this.name}': `
    const rest = message.startsWith(own) ? message.slice(own.length) : message
    return rest.replace(/^it failed a moment ago and is asked again in [\d.]+ s: /, '')
  }
}

/** Returns the number of a list's objects, or null if the cluster did not give the list. */
function counted(list) {
  const status = list?.clusters?.[0]?.status
  return status === 'OK' || status === 'PARTIAL' ? list.totalCount : null
}
