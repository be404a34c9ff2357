import { hasAuthorization } from './headers'

/** Headers whose values are no secrets. */
const PLAIN = /^(accept|fleetgraph-)/i

/** Returns a command for a POSIX shell that sends an operation. Tokens and other headers become variables of the shell. */
export function curlCommand(body: object, written: Readonly<Record<string, unknown>>, isTokenNeeded: boolean): string {
  const named = Object.entries(written).filter(([name]) => !/^(authorization|content-type)$/i.test(name))
  const headers = [
    "-H 'Content-Type: application/json'",
    ...(isTokenNeeded || hasAuthorization(written) ? ['-H "Authorization: Bearer $FLEETGRAPH_TOKEN"'] : []),
    ...named.map(([name, value]) => header(name, String(value))),
  ]
  return [`curl -sS ${quoted(`${location.origin}/graphql`)}`, ...headers, `--data-binary ${quoted(JSON.stringify(body))}`].join(' \\\n  ')
}

function header(name: string, value: string): string {
  if (PLAIN.test(name)) return `-H ${quoted(`${name}: ${value}`)}`
  const safe = name.replace(/[^-_0-9A-Za-z]/g, '')
  return `-H "${safe}: $${safe.replaceAll('-', '_').toUpperCase()}"`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
