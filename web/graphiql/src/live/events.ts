/** Whether a response is a stream of events, as subscriptions have them. */
export function isEventStream(response: Response): boolean {
  return (response.headers.get('content-type') ?? '').startsWith('text/event-stream')
}

/** Yields the data of each event `next` until the event `complete`; throws if the stream ends without one. */
export async function* nextPayloads(response: Response): AsyncGenerator<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let begun = ''
  try {
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
      const events = (begun + read.value).split('\n\n')
      begun = events.pop() ?? ''
      for (const event of events) {
        const fields = event.split('\n')
        if (fields.includes('event: complete')) return
        const data = fields.filter((field) => field.startsWith('data: ')).map((field) => field.slice('data: '.length))
        if (fields.includes('event: next')) yield data.join('\n')
      }
    }
  } finally {
    await reader?.cancel().catch(() => undefined)
  }
  throw new Error('The connection has ended.')
}
