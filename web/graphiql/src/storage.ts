import type { Storage as EditorStorage } from '@graphiql/toolkit'

/** The browser's storage for tabs and history, without the headers of requests: they may hold a token. */
export const storage: EditorStorage = {
  get length() {
    return localStorage.length
  },
  getItem: (name) => localStorage.getItem(name),
  removeItem: (name) => localStorage.removeItem(name),
  clear: () => localStorage.clear(),
  setItem: (name, value) => localStorage.setItem(name, withoutHeaders(value)),
}

function withoutHeaders(value: string): string {
  if (!value.includes('"headers"')) return value
  try {
    return JSON.stringify(JSON.parse(value, (key, inner: unknown) => (key === 'headers' ? null : inner)))
  } catch {
    return value
  }
}
