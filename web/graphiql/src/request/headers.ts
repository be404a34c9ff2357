import { token } from '../token'

const ACCEPT = 'application/graphql-response+json, application/json;q=0.9, multipart/mixed;q=0.9'
const ACCEPT_EVENTS = 'text/event-stream, application/graphql-response+json;q=0.9, application/json;q=0.8'

/** What a request wants beside the answer: its cost, or one payload after the other. */
export interface Wanted {
  isExplained: boolean
  isLive: boolean
}

/** Returns the headers of a request: those of the page, then those of the headers' editor, which win. */
export function requestHeaders(written: Readonly<Record<string, unknown>>, { isExplained, isLive }: Wanted): Headers {
  const headers = new Headers({ Accept: isLive ? ACCEPT_EVENTS : ACCEPT, 'Content-Type': 'application/json' })
  if (token.get()) headers.set('Authorization', `Bearer ${token.get()}`)
  if (isExplained) headers.set('Fleetgraph-Explain', '1')
  for (const [name, value] of Object.entries(written)) headers.set(name, String(value))
  return headers
}

/** Returns whether headers of the editor identify the caller. */
export function hasAuthorization(written: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(written).some((name) => name.toLowerCase() === 'authorization')
}
