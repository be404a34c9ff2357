const NODE = 'graphiql-explorer-node'

/** Hides the fields of the explorer that neither match a text nor lead to a match nor belong to one. Those chosen stay. */
export function filterFields(root: Element, text: string): void {
  for (const node of root.querySelectorAll<HTMLElement>(`.${NODE}`)) node.hidden = text !== '' && !isShown(node, text)
}

function isShown(node: Element, text: string): boolean {
  if (matches(node, text)) return true
  for (let around = node.parentElement?.closest(`.${NODE}`); around; around = around.parentElement?.closest(`.${NODE}`)) {
    if (matches(around, text)) return true
  }
  return [...node.querySelectorAll(`.${NODE}`)].some((inner) => matches(inner, text))
}

function matches(node: Element, text: string): boolean {
  const name = node.querySelector('[data-field-name]')?.getAttribute('data-field-name')
  return name?.toLowerCase().includes(text) ?? false
}
