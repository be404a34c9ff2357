// Follows the fleet by subscriptions over one connection, for as long as the page is visible: nothing is asked again.

import { Cluster, FLEET, VIEWER } from './cluster.js'
import { Connection } from './connection.js'
import { ask, Unanswered } from './graphql.js'
import { TROUBLES, troubleQuestion } from './questions.js'
import { TroubleCount } from './troublecount.js'

const LOST = 'The connection to fleetgraph is lost; it is opened again.'
const UNAUTHORIZED = new Set([4401, 4403])

export class Following {
  /** `onChange()` after each payload; `onTrouble(error or null)` when the server itself refuses, and when it works again. */
  constructor({ onChange, onTrouble }) {
    this.clusters = new Map()
    this.isListed = false
    this.viewer = null // {name, administrator}
    this.answeredAt = null
    this.onChange = onChange
    this.onTrouble = onTrouble
    this.counts = Object.fromEntries(Object.keys(TROUBLES).map((name) => [name, new TroubleCount()]))
    const troubles = Object.keys(TROUBLES).map((name) => [name, troubleQuestion(name)])
    this.connection = new Connection(
      { fleet: FLEET, ...Object.fromEntries(troubles) },
      { onBegin: () => this.#begin(), onPayload: (id, payload) => this.#take(id, payload), onLost: (reason, code) => this.#lost(reason, code) },
    )
    this.isFirst = true
    this.isRunning = false
    this.round = 0
  }

  start() {
    if (this.isRunning) return
    this.isRunning = true
    this.connection.open()
    this.#askViewer()
  }

  stop() {
    this.isRunning = false
    this.connection.close()
  }

  /** Clears everything: another person may use the page now. */
  clear() {
    this.stop()
    this.round += 1
    this.clusters.clear()
    for (const count of Object.values(this.counts)) count.begin()
    this.isListed = false
    this.viewer = this.answeredAt = null
  }

  /** A connection begins with the state of everything; what is shown stays until that has come. */
  #begin() {
    this.isFirst = true
    for (const count of Object.values(this.counts)) count.begin()
  }

  #take(id, { data, errors }) {
    if (!data) return this.onTrouble(new Unanswered(errors?.[0]?.message ?? 'fleetgraph refuses the subscription.'))
    this.answeredAt = Date.now()
    this.onTrouble(null)
    if (id === 'fleet') this.#takeFleet(data.clusters)
    else this.counts[id].take(Object.values(data)[0])
    for (const cluster of this.clusters.values()) this.#describe(cluster)
    this.onChange()
  }

  #takeFleet({ changes }) {
    const before = this.clusters
    if (this.isFirst) this.clusters = new Map()
    this.isFirst = false
    for (const { type, cluster: name, object } of changes) {
      if (type === 'DELETED') this.clusters.delete(name)
      else {
        const cluster = this.clusters.get(name) ?? before.get(name) ?? new Cluster(object)
        cluster.take(object, Date.now())
        this.clusters.set(name, cluster)
      }
    }
    this.isListed = true
  }

  /** Gives a cluster what the lists say of it: how many troubles it has, and why it does not answer. */
  #describe(cluster) {
    const counts = Object.entries(this.counts).map(([name, count]) => [name, count.of(cluster.name)])
    cluster.takeState(Object.fromEntries(counts), this.counts.badNodes.report(cluster.name))
  }

  async #askViewer() {
    const { round } = this
    try {
      const { data } = await ask(VIEWER)
      if (round === this.round) this.viewer = data.viewer ?? null
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error
      if (round === this.round) this.onTrouble(error)
    }
  }

  #lost(reason, code) {
    const status = UNAUTHORIZED.has(code) ? 401 : 0
    this.onTrouble(new Unanswered(reason || LOST, status))
  }
}
