/** The server's configuration of its pages. */
export interface Config {
  tokenRequired: boolean
  demo: boolean
  version: string
  /** The API group of each kind's type; empty for the core group. */
  kinds: Readonly<Record<string, string>>
}

const CAUTIOUS: Config = { tokenRequired: true, demo: false, version: '', kinds: {} }

/** Returns the server's configuration; after an error, one that needs a token. */
export async function fetchConfig(): Promise<Config> {
  try {
    const response = await fetch('/config.json')
    return response.ok ? { ...CAUTIOUS, ...((await response.json()) as Partial<Config>) } : CAUTIOUS
  } catch {
    return CAUTIOUS
  }
}
