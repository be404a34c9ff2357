// One WebSocket with subscriptions (graphql-transport-ws), opened again when it is lost.

import { token } from './graphql.js'

const PROTOCOL = 'graphql-transport-ws'
const FIRST_WAIT_MS = 1_000
const MOST_WAIT_MS = 30_000
const REFUSED = new Set([4400, 4401, 4403, 4406])

export class Connection {
  /**
   * `questions`: {id: query}. `onBegin()` before the first payload of a connection: what was known comes again; `onPayload(id, payload)`;
   * `onLost(reason, code)`: it is opened again by itself, unless the server has refused it.
   */
  constructor(questions, { onBegin, onPayload, onLost }) {
    this.questions = questions
    this.onBegin = onBegin
    this.onPayload = onPayload
    this.onLost = onLost
    this.socket = null
    this.timer = null
    this.waitMs = FIRST_WAIT_MS
  }

  open() {
    this.close()
    const address = new URL('/graphql', location.href)
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
    const socket = new WebSocket(address, PROTOCOL)
    const send = (message) => socket.send(JSON.stringify(message))
    socket.onopen = () => send({ type: 'connection_init', payload: token.get() ? { Authorization: `Bearer ${token.get()}` } : {} })
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data), send)
    socket.onclose = ({ code, reason }) => this.#lost(reason, code)
    this.socket = socket
  }

  close() {
    clearTimeout(this.timer)
    this.timer = null
    if (this.socket === null) return
    this.socket.onclose = this.socket.onmessage = null
    this.socket.close(1000)
    this.socket = null
  }

  #take({ type, id, payload }, send) {
    if (type === 'ping') send({ type: 'pong' })
    if (type === 'connection_ack') {
      this.onBegin()
      for (const [key, query] of Object.entries(this.questions)) send({ type: 'subscribe', id: key, payload: { query } })
    }
    if (type === 'next') {
      this.waitMs = FIRST_WAIT_MS
      this.onPayload(id, payload)
    }
    if (type === 'error') this.onPayload(id, { data: null, errors: payload })
  }

  #lost(reason, code) {
    this.socket = null
    this.onLost(reason, code)
    if (REFUSED.has(code)) return
    this.timer = setTimeout(() => this.open(), this.waitMs)
    this.waitMs = Math.min(2 * this.waitMs, MOST_WAIT_MS)
  }
}
