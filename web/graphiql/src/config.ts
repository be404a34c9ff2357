/** What the server tells its pages. */
export interface Config {
  tokenRequired: boolean
  demo: boolean
  version: string
}

const CAUTIOUS: Config = { tokenRequired: true, demo: false, version: '' }

/** Asks the server; if it does not say, a token is asked for. */
export async function fetchConfig(): Promise<Config> {
  try {
    const response = await fetch('/config.json')
    return response.ok ? { ...CAUTIOUS, ...((await response.json()) as Partial<Config>) } : CAUTIOUS
  } catch {
    return CAUTIOUS
  }
}
