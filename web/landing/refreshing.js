// Refreshes each cluster by a query of its own, for as long as the page is visible.

import { Cluster, HEALTH, LIST } from './cluster.js'
import { ask, Unanswered } from './graphql.js'
import { STATE } from './questions.js'

const AT_ONCE = 4 // a browser has six connections to one server; two stay free
const LIST_MS = 30_000
const TICK_MS = 500
const RETRY_MS = 5_000

export class Refreshing {
  /** `onChange()` after each response; `onTrouble(error or null)` when the server itself refuses, and when it works again. */
  constructor({ onChange, onTrouble }) {
    this.clusters = new Map()
    this.isListed = false
    this.viewer = null // {name, administrator}
    this.answeredAt = null
    this.onChange = onChange
    this.onTrouble = onTrouble
    this.listDueAt = 0
    this.running = 0
    this.isListing = false
    this.timer = null
    this.round = 0
  }

  get isRunning() {
    return this.timer !== null
  }

  start() {
    if (this.isRunning) return
    this.listDueAt = 0
    for (const cluster of this.clusters.values()) cluster.dueAt = cluster.stateDueAt = 0
    this.timer = setInterval(() => this.#tick(), TICK_MS)
    this.#tick()
  }

  stop() {
    clearInterval(this.timer)
    this.timer = null
  }

  /** Clears everything, pending responses included: another person may use the page now. */
  clear() {
    this.stop()
    this.round += 1
    this.clusters.clear()
    this.isListed = this.isListing = false
    this.viewer = this.answeredAt = null
    this.running = 0
  }

  #tick() {
    const now = Date.now()
    if (!this.isListing && now >= this.listDueAt) this.#list()
    for (const cluster of this.clusters.values()) {
      if (this.running >= AT_ONCE) break
      if (!cluster.isAsked && now >= cluster.dueAt) this.#health(cluster)
    }
    for (const cluster of this.clusters.values()) {
      if (this.running >= AT_ONCE) break
      if (cluster.isStateDue(now)) this.#state(cluster)
    }
    this.onChange()
  }

  async #list() {
    this.isListing = true
    const { round } = this
    const result = await this.#query(LIST)
    if (round !== this.round) return
    this.isListing = false
    this.listDueAt = Date.now() + (result?.data.clusters ? LIST_MS : RETRY_MS)
    if (!result?.data.clusters) return
    this.viewer = result.data.viewer ?? null
    const before = this.clusters
    this.clusters = new Map(result.data.clusters.map((each) => [each.name, before.get(each.name) ?? new Cluster(each)]))
    for (const each of result.data.clusters) this.clusters.get(each.name).register(each)
    this.isListed = true
    if (this.isRunning) this.#tick()
  }

  async #health(cluster) {
    cluster.isAsked = true
    await this.#ask(HEALTH, cluster, (result, at) => {
      cluster.isAsked = false
      if (result?.data.clusters) cluster.take(result, at)
      else cluster.miss(at)
      if (result && !result.data.clusters) this.listDueAt = 0 // it is no longer registered
    })
  }

  async #state(cluster) {
    cluster.isStateAsked = true
    await this.#ask(STATE, cluster, (result, at) => {
      cluster.isStateAsked = false
      if (result) cluster.takeState(result, at)
      else cluster.missState(at)
    })
  }

  /** Asks about one cluster, and applies the result, null after an error, unless the page was cleared meanwhile. */
  async #ask(query, cluster, apply) {
    this.running += 1
    const { round } = this
    const result = await this.#query(query, { names: [cluster.name] })
    if (round !== this.round) return
    this.running -= 1
    apply(result, { now: Date.now(), fleet: this.clusters.size })
    if (this.isRunning) this.#tick()
  }

  /** Returns the result, or null after an error, which the page shows. */
  async #query(query, variables) {
    const { round } = this
    try {
      const result = await ask(query, variables)
      if (round !== this.round) return null
      this.answeredAt = Date.now()
      this.onTrouble(null)
      return result
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error
      if (round === this.round) this.onTrouble(error)
      return null
    }
  }
}
