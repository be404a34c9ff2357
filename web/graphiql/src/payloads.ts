/** A payload of a deferred response; GraphiQL merges it. */
export interface Payload {
  data?: Record<string, unknown> | null
  errors?: readonly GraphQLError[]
  incremental?: readonly Part[]
  completed?: readonly Part[]
  hasNext: boolean
}

interface Part {
  errors?: readonly GraphQLError[]
}

interface GraphQLError {
  message: string
}

export function isMultipart(response: Response): boolean {
  return contentType(response).startsWith('multipart/mixed')
}

/** Yields the text of each payload, as soon as the delimiter after it has arrived. */
export async function* payloads(response: Response): AsyncGenerator<string> {
  const boundary = /boundary="?([^";]+)/.exec(contentType(response))?.[1] ?? '-'
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  try {
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
      const parts = (text + read.value).split(`\r\n--${boundary}`)
      text = parts.pop() ?? ''
      for (const part of parts) {
        const start = part.indexOf('\r\n\r\n')
        if (start >= 0) yield part.slice(start)
      }
    }
  } finally {
    await reader?.cancel()
  }
}

export function errorsOf({ errors, incremental, completed }: Payload): GraphQLError[] {
  const parts = [...(incremental ?? []), ...(completed ?? [])]
  return [...(errors ?? []), ...parts.flatMap((part) => part.errors ?? [])]
}

function contentType(response: Response): string {
  return response.headers.get('content-type') ?? ''
}
