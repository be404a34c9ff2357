// The state of one cluster: its registration, how it answers, and what is wrong in it.

import { LENGTH } from './sparkline.js'

const REGISTRATION = 'name description labels source takenAt credential { expiresAt isExpiring }'

/** Who looks, and at which clusters; this asks no cluster, so that a cluster that hangs is in the table at once. */
export const REGISTERED = `{ viewer { name administrator } clusters { ${REGISTRATION} } }`

/** What a cluster is and how it answers; the server looks every few seconds, once for all who follow. */
export const FLEET = `subscription Fleet {
  clusters {
    changes {
      type
      cluster
      object {
        ${REGISTRATION}
        reachable version latencyMs counts { nodes pods }
      }
    }
  }
}`

const NOT_OF_CLUSTER = new Set(['', 'LIMIT_EXCEEDED']) // a limit of this server says nothing about the cluster

export class Cluster {
  constructor(registered) {
    this.latencies = []
    this.answer = null // {isOk, status, message, version (null: unknown), latencyMs, nodes, pods, at}
    this.state = null // {number (null: not known), state, error} for each of TROUBLES
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

  /** Applies what the lists say of it. */
  takeState(state) {
    this.state = state
    this.#judge()
  }

  /** A cluster that answers may still refuse its lists. */
  #judge() {
    if (this.answer === null) return
    const { state, error } = this.state?.badNodes ?? {}
    const code = error && (!this.answer.isOk || state === 'FAILED') ? error.code.replace(/^CLUSTER_/, '') : ''
    const isOfCluster = !NOT_OF_CLUSTER.has(code)
    this.answer.status = isOfCluster ? code : this.answer.isOk ? 'OK' : 'UNREACHABLE'
    this.answer.message = isOfCluster ? this.#shortened(error.message) : ''
  }

  /** Removes the cluster's name, which the row has already, and the note of the circuit breaker. */
  #shortened(message) {
    const own = `cluster '${this.name}': `
    const rest = message.startsWith(own) ? message.slice(own.length) : message
    return rest.replace(/^it failed a moment ago and is asked again in [\d.]+ s: /, '')
  }
}
