// One cluster as a row of the table.

import { element } from './elements.js'
import { sparkline } from './sparkline.js'

const WORDS = {
  OK: ['good', 'answers'],
  UNREACHABLE: ['bad', 'unreachable'],
  TIMEOUT: ['bad', 'timed out'],
  FORBIDDEN: ['slow', 'forbidden'],
}
const SLOW_MS = 500
const NOTHING = '–'
const numbers = new Intl.NumberFormat('en')

/** Returns the row's element, a new one each time, because it is small. */
export function clusterRow(cluster, now) {
  const classes = cluster.isOld(now) ? 'old' : undefined
  return element('tr', { role: 'row', class: classes, 'data-name': cluster.name }, nameCell(cluster), ...answerCells(cluster, now))
}

export function shownMilliseconds(value) {
  if (value === null || value === undefined) return NOTHING
  return value < 1 ? '< 1 ms' : `${numbers.format(Math.round(value))} ms`
}

function nameCell(cluster) {
  const labels = cluster.labels.map(([key, value]) => element('li', { title: `${key}=${value}` }, `${key}=${value}`))
  const cell = element('th', { role: 'rowheader', scope: 'row' }, element('span', { class: 'name', dir: 'auto' }, cluster.name))
  if (cluster.takenAt) cell.append(element('span', { class: 'hint' }, `Snapshot of ${new Date(cluster.takenAt).toLocaleString()}`))
  if (cluster.credentialEndsAt) cell.append(element('span', { class: 'hint' }, `Credential ends ${new Date(cluster.credentialEndsAt).toLocaleString()}`))
  if (cluster.description) cell.append(element('span', { class: 'hint', dir: 'auto' }, cluster.description))
  if (labels.length > 0) cell.append(element('ul', { class: 'labels', 'aria-label': 'Labels' }, ...labels))
  return cell
}

function answerCells(cluster, now) {
  const { answer } = cluster
  if (answer === null) return [cell('Status', badge('', 'asking …')), ...['Version', 'Latency', 'Nodes', 'Pods'].map((name) => cell(name, NOTHING))]
  const status = cell('Status', ...statusContent(cluster, now))
  if (!answer.isOk) return [status, element('td', { role: 'cell', colspan: 4, class: 'why', dir: 'auto' }, answer.message || 'No reason is known.')]
  return [
    status,
    cell('Version', element('span', { class: 'version', title: answer.version ?? 'It does not tell its version.' }, answer.version ?? 'unknown')),
    cell('Latency', element('span', { class: 'latency' }, sparkline(cluster.latencies), shownMilliseconds(answer.latencyMs))),
    cell('Nodes', count(answer.nodes)),
    cell('Pods', count(answer.pods)),
  ]
}

function statusContent(cluster, now) {
  const { answer } = cluster
  const [colour, words] = WORDS[answer.status] ?? ['slow', answer.status.toLowerCase().replaceAll('_', ' ')]
  const isSlow = colour === 'good' && answer.latencyMs >= SLOW_MS
  const content = [isSlow ? badge('slow', 'answers slowly') : badge(colour, words)]
  if (cluster.isOld(now)) content.push(element('span', { class: 'hint' }, `as of ${new Date(answer.at).toLocaleTimeString()}`))
  if (answer.isOk && answer.message) content.push(element('span', { class: 'hint', dir: 'auto' }, answer.message))
  return content
}

function badge(colour, words) {
  return element('span', { class: `badge ${colour}` }, words)
}

function count(value) {
  return value === null ? NOTHING : numbers.format(value)
}

/** Returns a cell. On narrow screens a row is a card, and each value has its name beside it. */
function cell(name, ...content) {
  const isNumber = ['Latency', 'Nodes', 'Pods'].includes(name)
  return element('td', { role: 'cell', 'data-name': name, class: isNumber ? 'number' : undefined }, ...content)
}
