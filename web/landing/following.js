// Follows the fleet by subscriptions over one connection, for as long as the page is visible: nothing is asked again.

import { Cluster, FLEET, REGISTERED } from './cluster.js'
import { Connection } from './connection.js'
import { Unanswered } from './graphql.js'
import { TROUBLES, troubleQuestion } from './questions.js'
import { TroubleCount } from './troublecount.js'

const LOST = 'fleetgraph does not answer.'
const TICK_MS = 1_000
const OLD_MS = 20_000
const NAMES = Object.keys(TROUBLES)

export class Following {
  /** `onChange()` after each payload; `onTrouble(error or null)` when the server itself refuses, and when it works again. */
  constructor({ onChange, onTrouble }) {
    this.clusters = new Map()
    this.isListed = false
    this.viewer = null // {name, administrator}
    this.answeredAt = null
    this.lostAt = null
    this.onChange = onChange
    this.onTrouble = onTrouble
    this.counts = Object.fromEntries(NAMES.map((name) => [name, new TroubleCount()]))
    this.refusals = new Map() // the message of each question that is refused
    this.connection = new Connection(
      { registered: REGISTERED, fleet: FLEET, ...Object.fromEntries(NAMES.map((name) => [name, troubleQuestion(name)])) },
      {
        onBegin: () => this.#begin(),
        onPayload: (id, payload) => this.#take(id, payload),
        onAlive: () => this.#alive(),
        onLost: (reason, isUnauthorized) => this.#lost(reason, isUnauthorized),
      },
    )
    this.timer = null
  }

  start() {
    if (this.timer !== null) return
    this.timer = setInterval(this.onChange, TICK_MS)
    this.connection.open()
  }

  stop() {
    clearInterval(this.timer)
    this.timer = null
    this.connection.close()
    this.lostAt = null
  }

  /** Clears everything: another person may use the page now. */
  clear() {
    this.stop()
    this.#begin()
    this.clusters.clear()
    for (const count of Object.values(this.counts)) count.clear()
    this.isListed = false
    this.viewer = this.answeredAt = null
  }

  /** Returns whether the connection has been lost for so long that the rows may be wrong. */
  isOld(now) {
    return this.lostAt !== null && now - this.lostAt > OLD_MS
  }

  /** A connection begins with the state of everything; what is shown stays until that has come. */
  #begin() {
    this.refusals.clear()
    for (const count of Object.values(this.counts)) count.begin()
  }

  #alive() {
    this.answeredAt = Date.now()
    this.lostAt = null
  }

  #take(id, { data, errors }) {
    if (!data || Object.values(data).includes(null)) this.refusals.set(id, errors?.[0]?.message ?? 'fleetgraph refuses a question of this page.')
    else {
      this.refusals.delete(id)
      if (id === 'registered') this.#takeRegistered(data)
      else if (id === 'fleet') this.#takeFleet(data.clusters)
      else this.counts[id].take(Object.values(data)[0])
      for (const cluster of this.clusters.values()) cluster.takeState(this.#stateOf(cluster.name))
    }
    const [refusal] = this.refusals.values()
    this.onTrouble(refusal === undefined ? null : new Unanswered(refusal))
    this.onChange()
  }

  #takeRegistered({ viewer, clusters }) {
    this.viewer = viewer ?? null
    const before = this.clusters
    this.clusters = new Map(clusters.map((each) => [each.name, before.get(each.name) ?? new Cluster(each)]))
    for (const each of clusters) this.clusters.get(each.name).register(each)
    this.isListed = true
  }

  #takeFleet({ changes }) {
    for (const { type, cluster: name, object } of changes) {
      if (type === 'DELETED') this.clusters.delete(name)
      else {
        if (!this.clusters.has(name)) this.clusters.set(name, new Cluster(object))
        this.clusters.get(name).take(object, Date.now())
      }
    }
  }

  /** Returns what the lists say of a cluster by question: {number: null if it is not known, state, error}; null before they say anything. */
  #stateOf(name) {
    const known = NAMES.map((each) => [each, this.counts[each].of(name)])
    return known.every(([, { number, error }]) => number === null && error === null) ? null : Object.fromEntries(known)
  }

  #lost(reason, isUnauthorized) {
    this.lostAt ??= Date.now()
    if (isUnauthorized) this.onTrouble(new Unanswered(reason, 401))
    else this.onTrouble(new Unanswered(reason ? `The connection has ended: ${reason}.` : LOST))
  }
}
