// One cluster as a row of the table.

import { element } from './elements.js'
import { listAddress, TROUBLES } from './questions.js'
import { sparkline } from './sparkline.js'

const WORDS = {
  OK: ['good', 'answers'],
  UNREACHABLE: ['bad', 'unreachable'],
  TIMEOUT: ['bad', 'timed out'],
  FORBIDDEN: ['slow', 'forbidden'],
}
const SLOW_MS = 500
const NOTHING = '–'
const NUMBERS = ['Latency', 'Nodes', 'Pods', 'Behind', 'Warnings']
const numbers = new Intl.NumberFormat('en')

/** Returns the row's element. `onLabel(text)` is called when one of the labels is chosen. */
export function clusterRow(cluster, isOld, onLabel) {
  const classes = isOld ? 'old' : undefined
  return element('tr', { role: 'row', class: classes, 'data-name': cluster.name }, nameCell(cluster, onLabel), ...answerCells(cluster, isOld))
}

export function shownMilliseconds(value) {
  if (value === null || value === undefined) return NOTHING
  return value < 1 ? '< 1 ms' : `${numbers.format(Math.round(value))} ms`
}

/** Returns a number as a link to the list behind it, of one cluster or of all; red if it counts troubles. */
export function linkedNumber(name, value, cluster, reason = 'not known') {
  if (value === null || value === undefined) return element('span', { title: reason }, NOTHING)
  const words = TROUBLES[name]?.words[value === 1 ? 0 : 1] ?? name
  const title = `${numbers.format(value)} ${words}: open in GraphiQL`
  const isTrouble = name in TROUBLES && value > 0
  return element('a', { href: listAddress(name, cluster), class: isTrouble ? 'trouble' : 'count', title, 'data-key': name }, numbers.format(value))
}

/** Returns a number of troubles of a cluster, or why it is not known. */
function troubleNumber(trouble, { state, name }) {
  const { number, error } = state?.[trouble] ?? {}
  return linkedNumber(trouble, number, name, error?.message)
}

function nameCell(cluster, onLabel) {
  const hints = [
    cluster.takenAt && `Snapshot of ${new Date(cluster.takenAt).toLocaleString()}`,
    cluster.credentialEndsAt && `Credential ends ${new Date(cluster.credentialEndsAt).toLocaleString()}`,
    cluster.description,
  ].filter(Boolean)
  const cell = element('th', { role: 'rowheader', scope: 'row' }, element('span', { class: 'name', dir: 'auto', title: hints.join(' · ') || undefined }, cluster.name))
  cell.append(...hints.map((hint) => element('span', { class: 'hint', dir: 'auto', title: hint }, hint)))
  if (cluster.labels.length > 0) cell.append(element('ul', { class: 'labels', 'aria-label': 'Labels' }, ...cluster.labels.map((label) => labelItem(label, onLabel))))
  return cell
}

function labelItem([key, value], onLabel) {
  const text = `${key}=${value}`
  const button = element('button', { type: 'button', title: `Only clusters with ${text}`, 'data-key': text }, text)
  button.addEventListener('click', () => onLabel(text))
  return element('li', {}, button)
}

function answerCells(cluster, isOld) {
  const { answer, name } = cluster
  if (answer === null) return [cell('Status', badge('', 'asking …')), ...['Version', ...NUMBERS].map((column) => cell(column, NOTHING))]
  const status = cell('Status', ...statusContent(cluster, isOld))
  if (!answer.isOk) return [status, element('td', { role: 'cell', colspan: 6, class: 'why', dir: 'auto', title: answer.message }, answer.message || 'No reason is known.')]
  return [
    status,
    cell('Version', element('span', { class: 'version', title: answer.version ?? 'It does not tell its version.' }, answer.version ?? 'unknown')),
    cell('Latency', element('span', { class: 'latency' }, sparkline(cluster.latencies), shownMilliseconds(answer.latencyMs))),
    cell('Nodes', troubleNumber('badNodes', cluster), ' / ', linkedNumber('nodes', answer.nodes, name)),
    cell('Pods', troubleNumber('badPods', cluster), ' / ', linkedNumber('pods', answer.pods, name)),
    cell('Behind', troubleNumber('behind', cluster)),
    cell('Warnings', troubleNumber('warnings', cluster)),
  ]
}

function statusContent(cluster, isOld) {
  const { answer } = cluster
  const [colour, words] = WORDS[answer.status] ?? ['slow', answer.status.toLowerCase().replaceAll('_', ' ')]
  const isSlow = colour === 'good' && answer.latencyMs >= SLOW_MS
  const content = [isSlow ? badge('slow', 'answers slowly') : badge(colour, words)]
  if (isOld) content.push(element('span', { class: 'hint' }, `as of ${new Date(answer.at).toLocaleTimeString()}`))
  if (answer.isOk && answer.message) content.push(element('span', { class: 'hint', dir: 'auto' }, answer.message))
  return content
}

function badge(colour, words) {
  return element('span', { class: `badge ${colour}` }, words)
}

/** Returns a cell. On narrow screens a row is a card, and each value has its name beside it. */
function cell(name, ...content) {
  return element('td', { role: 'cell', 'data-name': name, class: NUMBERS.includes(name) ? 'number' : undefined }, ...content)
}
