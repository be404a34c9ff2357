// One WebSocket with operations (graphql-transport-ws), opened again when it is lost.

import { token } from './graphql.js'

const PROTOCOL = 'graphql-transport-ws'
const FIRST_WAIT_MS = 1_000
const MOST_WAIT_MS = 30_000
const PING_MS = 12_000
const SILENT_MS = 30_000
const RETRY_MS = 30_000
const UNAUTHORIZED = new Set([4401, 4403])

/** The time by two clocks: one may be set back, and the other one stops while a computer sleeps. */
const time = () => [Date.now(), performance.now()]
const since = (then) => Math.max(...time().map((now, clock) => now - then[clock]))

export class Connection {
  /**
   * `questions`: {id: document}. `onBegin()` before the first answer of a connection: what was known comes again; `onPayload(id, {data, errors})`;
   * `onAlive()` with each message; `onLost(reason, isUnauthorized)`: it is opened again by itself, unless the token is refused.
   */
  constructor(questions, { onBegin, onPayload, onAlive, onLost }) {
    this.questions = questions
    this.onBegin = onBegin
    this.onPayload = onPayload
    this.onAlive = onAlive
    this.onLost = onLost
    this.socket = null
    this.timers = new Set()
    this.waitMs = FIRST_WAIT_MS
  }

  open() {
    this.close()
    const address = new URL('/graphql', location.href)
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
    const socket = new WebSocket(address, PROTOCOL)
    this.socket = socket
    this.isAccepted = false
    this.heardAt = this.openedAt = time()
    socket.onopen = () => this.#send({ type: 'connection_init', payload: token.get() ? { Authorization: `Bearer ${token.get()}` } : {} })
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data))
    socket.onclose = ({ code, reason }) => this.#lost(reason, code)
    this.#every(PING_MS, () => this.#ping())
  }

  close() {
    for (const timer of this.timers) clearTimeout(timer)
    this.timers.clear()
    if (this.socket === null) return
    this.socket.onopen = this.socket.onclose = this.socket.onmessage = null
    this.socket.close(1000)
    this.socket = null
  }

  #take({ type, id, payload }) {
    this.heardAt = time()
    if (type === 'connection_ack') {
      this.isAccepted = true
      this.onBegin()
      for (const each of Object.keys(this.questions)) this.#ask(each)
    }
    this.onAlive()
    if (type === 'ping') this.#send({ type: 'pong' })
    if (type === 'next') this.onPayload(id, payload)
    if (type === 'error') {
      this.onPayload(id, { data: null, errors: payload })
      this.#later(RETRY_MS, () => this.#ask(id))
    }
  }

  #ask(id) {
    this.#send({ type: 'subscribe', id, payload: { query: this.questions[id] } })
  }

  #send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message))
  }

  /** A connection that says nothing any more, such as after the sleep of a computer, is lost. */
  #ping() {
    if (since(this.heardAt) > SILENT_MS) this.#lost('', 0)
    else if (this.isAccepted) this.#send({ type: 'ping' })
  }

  #lost(reason, code) {
    const wasAccepted = this.isAccepted
    if (since(this.openedAt) > MOST_WAIT_MS) this.waitMs = FIRST_WAIT_MS
    this.close()
    const isUnauthorized = UNAUTHORIZED.has(code) && !wasAccepted // later, perhaps only the grants are others
    if (!isUnauthorized) {
      this.#later(this.waitMs * (0.5 + Math.random() / 2), () => this.open()) // not all pages at once
      this.waitMs = Math.min(2 * this.waitMs, MOST_WAIT_MS)
    }
    this.onLost(reason, isUnauthorized)
  }

  #later(ms, act) {
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      act()
    }, ms)
    this.timers.add(timer)
  }

  #every(ms, act) {
    this.#later(ms, () => {
      this.#every(ms, act)
      act()
    })
  }
}
