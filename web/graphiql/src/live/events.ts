/** Milliseconds without a byte after which a connection is lost, such as after the sleep of a computer: a server is never silent so long. */
const SILENT_MS = 60_000

/** Whether a response is a stream of events, as subscriptions have them. */
export function isEventStream(response: Response): boolean {
  return (response.headers.get('content-type') ?? '').startsWith('text/event-stream')
}

/** Yields the data of each event `next` until the event `complete`; throws if the stream ends without one. */
export async function* nextPayloads(response: Response): AsyncGenerator<string> {
  let name = ''
  let data: string[] = []
  for await (const line of lines(response)) {
    if (line === '') {
      if (name === 'complete') return
      if (name === 'next') yield data.join('\n')
      name = ''
      data = []
    } else if (line.startsWith('event: ')) name = line.slice('event: '.length)
    else if (line.startsWith('data: ')) data.push(line.slice('data: '.length))
  }
  throw new Error('The connection has ended.')
}

/** Yields the lines of a response; each character is looked at once, since payloads are long lines. */
async function* lines(response: Response): AsyncGenerator<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let begun: string[] = []
  try {
    for (let read = await inTime(reader?.read()); read && !read.done; read = await inTime(reader?.read())) {
      const [piece = '', ...others] = read.value.split('\n')
      begun.push(piece)
      for (const other of others) {
        yield begun.join('')
        begun = [other]
      }
    }
  } finally {
    void reader?.cancel().catch(() => undefined)
  }
}

async function inTime<Read>(read: Promise<Read> | undefined): Promise<Read | undefined> {
  let timer = 0
  const late = new Promise<never>((_, reject) => {
    timer = window.setTimeout(() => reject(new Error('The connection is silent.')), SILENT_MS)
  })
  try {
    return await Promise.race([read, late])
  } finally {
    clearTimeout(timer)
  }
}
