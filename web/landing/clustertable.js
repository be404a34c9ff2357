// The table of the clusters: its filter, its order, and its rows, of which only those that have changed are replaced.

import { clusterRow } from './clusterrow.js'
import { byId } from './elements.js'
import { matches, ORDERS, ordered, wordsOf } from './ordering.js'

const DENSE_FROM = 20 // clusters; a row is then one line

export class ClusterTable {
  /** `onChange()` is called when the filter or the order was changed. */
  constructor({ onChange }) {
    this.order = { by: 'trouble', isDescending: true }
    this.onChange = onChange
    this.filter = byId('filter')
    this.filter.addEventListener('input', onChange)
    this.filter.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.#filterBy('')
    })
    document.addEventListener('keydown', (event) => this.#key(event))
    for (const button of document.querySelectorAll('#clusters thead button')) {
      button.addEventListener('click', () => this.#orderBy(button.dataset.order))
    }
  }

  /** Shows the clusters that match the filter, and says how many do not. */
  show(clusters, isOld) {
    const shown = ordered(clusters.filter((cluster) => matches(cluster, this.filter.value)), this.order)
    byId('table').classList.toggle('dense', clusters.length >= DENSE_FROM)
    this.#replaceRows(shown.map((cluster) => clusterRow(cluster, isOld, (label) => this.#addWord(label))))
    const hidden = clusters.length - shown.length
    byId('filtered').textContent = hidden > 0 ? `${shown.length} of ${clusters.length} shown` : ''
    for (const button of document.querySelectorAll('#clusters thead button')) {
      const isUsed = button.dataset.order === this.order.by
      const heading = button.closest('th')
      if (isUsed) heading.setAttribute('aria-sort', this.order.isDescending ? 'descending' : 'ascending')
      else heading.removeAttribute('aria-sort')
    }
  }

  clear() {
    this.filter.value = ''
    byId('rows').replaceChildren()
  }

  #orderBy(by) {
    const isSame = by === this.order.by
    this.order = { by, isDescending: isSame ? !this.order.isDescending : ORDERS[by].isDescending === true }
    this.onChange()
  }

  #filterBy(text) {
    this.filter.value = text
    this.onChange()
  }

  #addWord(word) {
    if (!wordsOf(this.filter.value).includes(word.toLowerCase())) this.#filterBy(`${this.filter.value} ${word}`.trim())
  }

  #key(event) {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.target.closest('input, textarea') || byId('clusters').hidden) return
    event.preventDefault()
    this.filter.focus()
  }

  /** Keeps rows that are as they were, so that the focus, the pointer and a selection stay where they are. */
  #replaceRows(rows) {
    const body = byId('rows')
    const before = new Map([...body.children].map((row) => [row.dataset.name, row]))
    const focused = body.contains(document.activeElement) ? placeOf(document.activeElement) : null
    const kept = rows.map((row) => {
      const old = before.get(row.dataset.name)
      return old?.isEqualNode(row) ? old : row
    })
    if (kept.length === body.children.length && kept.every((row, index) => row === body.children[index])) return
    body.replaceChildren(...kept)
    if (focused) elementAt(focused)?.focus({ preventScroll: true })
  }
}

/** Returns the row of a link or button, and its key there: others beside it may come and go. */
function placeOf(control) {
  const row = control.closest('tr')
  return { name: row.dataset.name, key: control.dataset.key }
}

function elementAt({ name, key }) {
  const row = [...byId('rows').children].find((one) => one.dataset.name === name)
  return [...(row?.querySelectorAll('a, button') ?? [])].find((one) => one.dataset.key === key)
}
