import { Value } from './value'

// Shared with the landing page. The session's storage ends with the browser tab; a token is never written anywhere else.
const KEY = 'fleetgraph.token'

export const token = new Value(sessionStorage.getItem(KEY) ?? '')

/** Why the server did not take the token; empty if it did. */
export const refusal = new Value('')

export function keepToken(next: string): void {
  if (next) sessionStorage.setItem(KEY, next)
  else sessionStorage.removeItem(KEY)
  refusal.set('')
  token.set(next)
}
