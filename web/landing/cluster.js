// The state of one cluster: its registration, how it answers, and what is wrong in it.

import { LENGTH } from './sparkline.js'

export const VIEWER = '{ viewer { name administrator } }'

/** What a cluster is and how it answers; the server looks every few seconds, once for all who follow. */
export const FLEET = `subscription Fleet {
  clusters {
    changes {
      type
      cluster
      object {
        name description labels source takenAt credential { expiresAt isExpiring }
        reachable version latencyMs counts { nodes pods }
      }
    }
  }
}`

const OLD_MS = 45_000

export class Cluster {
  constructor(registered) {
    this.latencies = []
    this.answer = null // {isOk, status, message, version (null: unknown), latencyMs, nodes, pods, at}
    this.state = null // a number for each of TROUBLES, null where its list is not current
    this.report = undefined // {state, error} of its nodes
    this.register(registered)
  }

  register({ name, description, labels, source, takenAt, credential }) {
    this.name = name
    this.takenAt = source === 'SNAPSHOT' ? takenAt : null
    this.description = description
    this.credentialEndsAt = credential?.isExpiring ? credential.expiresAt : null // visible to administrators, 14 days ahead
    this.labels = Object.entries(labels ?? {}).sort(([one], [other]) => (one < other ? -1 : 1))
  }

  /** Applies what the fleet says of it. */
  take(registered, now) {
    this.register(registered)
    const { reachable, version, latencyMs, counts } = registered
    this.answer = { ...this.answer, isOk: reachable, version, latencyMs, nodes: counts.nodes, pods: counts.pods, at: now }
    this.latencies = [...this.latencies, latencyMs].slice(-LENGTH)
    this.#judge()
  }

  /** Applies its troubles, and how current its nodes are. */
  takeState(state, report) {
    this.state = state
    this.report = report
    this.#judge()
  }

  /** A cluster that answers may still refuse its lists. */
  #judge() {
    if (this.answer === null) return
    const { isOk } = this.answer
    const code = this.report?.state === 'FAILED' ? (this.report.error?.code ?? '') : ''
    this.answer.status = isOk && code !== 'FORBIDDEN' ? 'OK' : code.replace(/^CLUSTER_/, '') || 'UNREACHABLE'
    this.answer.message = this.#shortened(code ? (this.report.error?.message ?? '') : '')
  }

  isOld(now) {
    return this.answer !== null && now - this.answer.at > OLD_MS
  }

  /** Removes the cluster's name, which the row has already, and the note of the circuit breaker. */
  #shortened(message) {
    const own = `cluster '${this.name}': `
    const rest = message.startsWith(own) ? message.slice(own.length) : message
    return rest.replace(/^it failed a moment ago and is asked again in [\d.]+ s: /, '')
  }
}
