import type { Fetcher } from '@graphiql/toolkit'
import { answer, clusterOutcomes } from './answer'
import type { Config } from './config'
import { isEventStream } from './live/events'
import { following, isSubscription } from './live/following'
import { errorsOf, isMultipart, type Payload, payloads } from './payloads'
import { takeExplaining } from './request/explaining'
import { hasAuthorization, requestHeaders, type Wanted } from './request/headers'
import { parsed } from './request/result'
import { knownSchema } from './request/schema'
import { secretMask } from './secrets/mask'
import { refusal, token, TOKEN_REFUSED } from './token'

const NO_ANSWER = 'The server does not answer. Is it still running?'
const TOKEN_WANTED = 'This server needs a token. Paste yours into the field above.'

/** Returns a fetcher that sends operations to the page's own server. */
export function createFetcher(config: Config): Fetcher {
  return async ({ query, variables, operationName }, options) => {
    const written = options?.headers ?? {}
    if (config.tokenRequired && !token.get() && !hasAuthorization(written)) {
      refusal.set(TOKEN_WANTED)
      throw failure(TOKEN_WANTED)
    }
    const isIntrospection = operationName === 'IntrospectionQuery'
    if (!isIntrospection) answer.set(null)
    const began = performance.now()
    const request = { query, variables, operationName: nameIn(query, operationName) }
    const isLive = isSubscription(query, request.operationName)
    const wanted = { isExplained: !isIntrospection && takeExplaining(), isLive }
    const stopping = new AbortController()
    const send = async () => {
      const response = await sent(request, headersOf(written, wanted), stopping.signal) // the token may be another one by now
      refusal.set(response.status === 401 ? TOKEN_REFUSED : '')
      return response
    }
    const response = await send()
    const mask = secretMask({ ...request, variables: (variables ?? {}) as Record<string, unknown> }, knownSchema.get())
    if (isMultipart(response)) return watched(payloads(response), began, mask)
    if (isEventStream(response)) return following(response, { again: send, stop: () => stopping.abort(), mask })
    const text = await received(response)
    const result = parsed(text, response)
    if (response.status === 401) throw failure(result.errors?.[0]?.message ?? TOKEN_REFUSED)
    if (isIntrospection) return result
    answer.set({
      milliseconds: performance.now() - began,
      bytes: text.length,
      errors: result.errors?.length ?? 0,
      clusters: clusterOutcomes(result),
    })
    return mask(result)
  }
}

async function sent(request: object, headers: Headers, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify(request), signal })
  } catch {
    throw failure(NO_ANSWER)
  }
}

function headersOf(written: Record<string, unknown>, wanted: Wanted): Headers {
  try {
    return requestHeaders(written, wanted)
  } catch (error) {
    throw failure(`Request not sent. A header is invalid: ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function received(response: Response): Promise<string> {
  try {
    return await response.text()
  } catch {
    throw failure(NO_ANSWER)
  }
}

/** Yields the payloads, and shows the figures of all of them above the response. */
async function* watched(texts: AsyncIterable<string>, began: number, mask: (payload: Payload) => Payload): AsyncGenerator<Payload> {
  let bytes = 0
  const data: Payload[] = []
  for await (const text of texts) {
    const payload = JSON.parse(text) as Payload
    bytes += text.length
    data.push(payload)
    yield mask(payload)
  }
  const errors = data.flatMap(errorsOf)
  const clusters = clusterOutcomes({ data, errors })
  answer.set({ milliseconds: performance.now() - began, bytes, errors: errors.length, clusters })
}

/** Returns an error without a stack, since GraphiQL shows all of it. */
function failure(message: string): Error {
  const error = new Error(message)
  delete error.stack
  return error
}

/** Returns the operation's name if the query has it: after a change of tabs, GraphiQL briefly has the name of the other tab's. */
function nameIn(query: string, operationName: string | null | undefined): string | undefined {
  return operationName && query.includes(operationName) ? operationName : undefined
}
