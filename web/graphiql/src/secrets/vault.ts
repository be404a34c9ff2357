/** The values of Secrets that are hidden in responses, by the number in their place. They are never stored. */
const hidden = new Map<number, unknown>()
const MOST = 20_000
const MARK = '•••••• #'
const PLACE = /"•••••• #(\d+)"/g
let last = 0

/** Keeps a value, and returns the text for its place. */
export function hide(value: unknown): string {
  last += 1
  hidden.set(last, value)
  hidden.delete(last - MOST)
  return `${MARK}${last}`
}

/** Returns the value behind a text; undefined if it is none, or no longer kept. */
export function valueBehind(text: unknown): unknown {
  return typeof text === 'string' && text.startsWith(MARK) ? hidden.get(Number(text.slice(MARK.length))) : undefined
}

export function countHidden(json: string): number {
  return json.includes(MARK) ? [...json.matchAll(PLACE)].length : 0
}

/** Returns JSON with its hidden values. */
export function revealed(json: string): string {
  return json.replace(PLACE, (place, number: string) => (hidden.has(Number(number)) ? JSON.stringify(hidden.get(Number(number))) : place))
}
