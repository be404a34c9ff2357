/** An operation as a link holds it. */
export interface Linked {
  query: string
  variables: string
}

/** Returns a link to this page that holds an operation. It is in the fragment, which browsers send to no server. */
export function linkTo({ query, variables }: Linked): string {
  const parameters = new URLSearchParams({ query, ...(variables.trim() ? { variables } : {}) })
  return `${location.origin}${location.pathname}#${parameters.toString()}`
}

/** Returns the operation of the page's address, and removes it from there; null if there is none. */
export function takeLinked(): Linked | null {
  for (const text of [location.hash.slice(1), location.search.slice(1)]) {
    const parameters = new URLSearchParams(text)
    const query = parameters.get('query')
    if (!query) continue
    history.replaceState(history.state, '', location.pathname)
    return { query, variables: parameters.get('variables') ?? '' }
  }
  return null
}
