// Queries to the server. The token is in the session's storage, which GraphiQL shares.

const KEY = 'fleetgraph.token'
const TIMEOUT_MS = 40_000

export const token = {
  get: () => sessionStorage.getItem(KEY) ?? '',
  set: (value) => (value ? sessionStorage.setItem(KEY, value) : sessionStorage.removeItem(KEY)),
}

/** There was no response (`status` is 0), or one without a result. */
export class Unanswered extends Error {
  constructor(message, status = 0) {
    super(message)
    this.status = status
  }
}

/** Returns the result of a query: {data, errors}. Throws Unanswered, with a message for the page. */
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

/** Returns the configuration of the pages; after an error, one that needs a token. */
export async function fetchConfig() {
  try {
    const response = await fetch('/config.json')
    if (response.ok) return await response.json()
  } catch {
    // the first query fails as well, and shows the error
  }
  return { tokenRequired: true, demo: false, version: '' }
}

async function decoded(response) {
  try {
    return await response.json()
  } catch {
    throw new Unanswered(`The response is not fleetgraph's (HTTP ${response.status}).`, response.status)
  }
}
