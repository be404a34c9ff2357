import { Value } from './value'

// Shared with the landing page. The session's storage ends with the browser tab; a token is never written anywhere else.
const KEY = 'fleetgraph.token'

export const token = new Value(sessionStorage.getItem(KEY) ?? '')

export const TOKEN_REFUSED = 'The server does not accept this token. Paste another one into the field above.'

/** The reason why the server refused the token; empty if it did not. */
export const refusal = new Value('')

export function storeToken(next: string): void {
  if (next) sessionStorage.setItem(KEY, next)
  else sessionStorage.removeItem(KEY)
  refusal.set('')
  token.set(next)
}
