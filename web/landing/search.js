// The manual's search: a field with the sections that hold all of its words, best first.
import { element } from './elements.js'

const MOST = 12
const AROUND = 60

/** Returns the field with its list; the index is fetched when the field gets the focus. */
export function searchField() {
  const input = element('input', {
    type: 'search',
    placeholder: 'Search the manual ( / )',
    'aria-label': 'Search the manual',
    'aria-controls': 'found',
    'aria-expanded': 'false',
    role: 'combobox',
    autocomplete: 'off',
    spellcheck: 'false',
  })
  const list = element('ul', { id: 'found', class: 'found', role: 'listbox', hidden: '' })
  const form = element('form', { class: 'search', role: 'search' }, input, list)
  const index = once(() => fetch('/docs/search.json').then((response) => response.json()))
  let chosen = 0

  async function show() {
    const words = wordsOf(input.value)
    let sections = []
    let failure = ''
    try {
      sections = words.length ? ranked(await index(), words) : []
    } catch {
      failure = 'The index cannot be read: is the server there?'
    }
    if (words.join() !== wordsOf(input.value).join()) return
    chosen = 0
    const empty = element('li', { role: 'presentation' }, element('p', {}, failure || 'Nothing has all of these words.'))
    list.replaceChildren(...(sections.length ? sections.map((section, place) => entry(section, words, place)) : [empty]))
    open(words.length > 0)
    mark()
  }

  function open(isOpen) {
    list.hidden = !isOpen
    input.setAttribute('aria-expanded', String(isOpen))
  }

  function mark() {
    const options = [...list.querySelectorAll('[role=option]')]
    for (const [place, option] of options.entries()) option.setAttribute('aria-selected', String(place === chosen))
    const option = options[chosen]
    if (option) input.setAttribute('aria-activedescendant', option.id)
    else input.removeAttribute('aria-activedescendant')
    option?.scrollIntoView({ block: 'nearest' })
    return options
  }

  function move(step) {
    const count = list.querySelectorAll('[role=option]').length
    if (count) chosen = (chosen + step + count) % count
    mark()
  }

  input.addEventListener('focus', () => index().catch(() => {}))
  input.addEventListener('input', show)
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') move(1)
    else if (event.key === 'ArrowUp') move(-1)
    else if (event.key === 'Escape') open(false)
    else return
    event.preventDefault()
  })
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    mark()[chosen]?.querySelector('a').click()
  })
  form.addEventListener('focusout', (event) => {
    if (!form.contains(event.relatedTarget)) open(false)
  })
  list.addEventListener('mousedown', (event) => event.preventDefault())
  list.addEventListener('click', () => open(false))
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.target.closest('input, textarea')) return
    event.preventDefault()
    input.focus()
  })
  return form
}

/** Returns the best sections that hold all words: first by their titles, then by their pages', then by their text. */
function ranked(sections, words) {
  return sections
    .map((section) => ({ section, score: score(section, words) }))
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score)
    .slice(0, MOST)
    .map(({ section }) => section)
}

function score(section, words) {
  const title = section.title.toLowerCase()
  const page = section.page.toLowerCase()
  const text = section.text.toLowerCase()
  let sum = 0
  for (const word of words) {
    const found = 8 * weight(title, word) + 3 * weight(page, word) + weight(text, word)
    if (!found) return 0
    sum += found
  }
  return sum
}

/** Returns 3 if the text has the word at the beginning of one, 1 if elsewhere, 0 if it has not. */
function weight(text, word) {
  const place = text.indexOf(word)
  if (place < 0) return 0
  return place === 0 || /(?:^|[^a-z0-9])$/.test(text.slice(0, place)) || text.includes(` ${word}`) ? 3 : 1
}

function entry(section, words, place) {
  const where = section.page === section.title ? '' : `${section.page} · `
  const link = element('a', { href: section.path, tabindex: '-1' }, ...marked(section.title, words))
  link.append(element('small', {}, where, ...marked(excerpt(section.text, words), words)))
  return element('li', { role: 'option', id: `found-${place}` }, link)
}

function excerpt(text, words) {
  const lower = text.toLowerCase()
  const places = words.map((word) => lower.indexOf(word)).filter((place) => place >= 0)
  const start = Math.max(0, Math.min(...places, text.length) - AROUND)
  const end = start + 3 * AROUND
  return `${start ? '… ' : ''}${text.slice(start, end)}${end < text.length ? ' …' : ''}`
}

/** Returns the text in pieces, those that are words of the search as marks. */
function marked(text, words) {
  const pattern = new RegExp(`(${words.map((word) => word.replace(/[\\^$.*+?()[\]{}|\/]/g, '\\$&')).join('|')})`, 'giu')
  return text.split(pattern).map((piece, place) => (place % 2 ? element('mark', {}, piece) : piece))
}

function wordsOf(text) {
  return text.toLowerCase().split(/\s+/).filter(Boolean)
}

function once(make) {
  let made
  return () => {
    made ??= make().catch((error) => {
      made = undefined
      throw error
    })
    return made
  }
}
