const STATES = ['graphiql-explorer-node', 'graphiql-explorer-deprecated']

/** Hides the fields of the explorer that neither match a text nor lead to a match nor belong to one. */
export function filterFields(root: Element, text: string): void {
  const fields = new Map([...root.querySelectorAll('.graphiql-explorer-node')].map((node) => [elementOf(node), nameOf(node)]))
  const shown = new Set<Element>()
  for (const [element, name] of fields) {
    if (!name.includes(text)) continue
    for (let around: Element | null = element; around && around !== root; around = around.parentElement) shown.add(around)
    for (const inner of element.querySelectorAll('*')) shown.add(inner)
  }
  for (const element of fields.keys()) if (element instanceof HTMLElement) element.hidden = !shown.has(element)
}

/** Returns the element of a whole field: where its own fields are open, they are beside the node in one more element. */
function elementOf(node: Element): Element {
  const name = [...node.classList].find((token) => !STATES.includes(token))
  const around = node.parentElement
  return name && around?.classList.contains(name) ? around : node
}

function nameOf(node: Element): string {
  return node.querySelector('[data-field-name]')?.getAttribute('data-field-name')?.toLowerCase() ?? ''
}
