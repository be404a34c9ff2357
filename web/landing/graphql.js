// Asking the server. The token lives in the session's storage, where GraphiQL finds it, too.

const KEY = 'fleetgraph.token'
const TIMEOUT_MS = 40_000

export const token = {
  get: () => sessionStorage.getItem(KEY) ?? '',
  set: (value) => (value ? sessionStorage.setItem(KEY, value) : sessionStorage.removeItem(KEY)),
}

/** No answer, or one that is no result; `status` is 0 if nobody answered. */
export class Unanswered extends Error {
  constructor(message, status = 0) {
    super(message)
    this.status = status
  }
}

/** The result of a query: {data, errors}. Throws Unanswered, with words for a person. */
export async function ask(query, variables) {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json, application/json' }
  if (token.get()) headers.Authorization = `Bearer ${token.get()}`
  let response
  try {
    response = await fetch('/graphql', {
      method: 'POST',
      headers,
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
  } catch (error) {
    throw new Unanswered(error.name === 'TimeoutError' ? 'fleetgraph takes too long.' : 'fleetgraph does not answer.')
  }
  const result = await decoded(response)
  if (!response.ok || !result.data) throw new Unanswered(result.errors?.[0]?.message ?? `HTTP ${response.status}`, response.status)
  return result
}

/** What the server tells its pages; if it does not say, a token is asked for. */
export async function fetchConfig() {
  try {
    const response = await fetch('/config.json')
    if (response.ok) return await response.json()
  } catch {
    // said by the first query, which fails, too
  }
  return { tokenRequired: true, demo: false, version: '' }
}

async function decoded(response) {
  try {
    return await response.json()
  } catch {
    throw new Unanswered(`Something that is not fleetgraph answered (HTTP ${response.status}).`, response.status)
  }
}
