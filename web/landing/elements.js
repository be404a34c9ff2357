// Elements of the page. Text is always a text node: names, labels and messages of clusters can be anything.

const SVG = 'http://www.w3.org/2000/svg'

/** Returns an element with attributes (undefined: none) and children, which are elements or text. */
export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children)
}

/** Returns an element of SVG. */
export function drawn(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children)
}

export function byId(id) {
  return document.getElementById(id)
}

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(name, value)
  made.append(...children)
  return made
}
