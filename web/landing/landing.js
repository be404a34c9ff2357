// The start page: sign-in, content, refreshing.

import { clusterRow } from './clusterrow.js'
import { byId } from './elements.js'
import { prepareExample, runExample } from './example.js'
import { fetchConfig, token } from './graphql.js'
import { Refreshing } from './refreshing.js'

const numbers = new Intl.NumberFormat('en')
const refreshing = new Refreshing({ onChange: show, onTrouble: say })
let config = { tokenRequired: true, demo: false, version: '' }
let isPaused = false

async function begin() {
  config = await fetchConfig()
  byId('version').textContent = `fleetgraph ${config.version}${config.demo ? ' · demo fleet, made up' : ''}`
  prepareExample({ isTokenRequired: config.tokenRequired })
  byId('sign-in').addEventListener('submit', signIn)
  byId('sign-out').addEventListener('click', () => signOut())
  byId('pause').addEventListener('click', () => pause(!isPaused))
  document.addEventListener('visibilitychange', goOn)
  if (config.tokenRequired && !token.get()) signOut()
  else open()
}

function open() {
  byId('sign-in').hidden = true
  byId('clusters').hidden = byId('example').hidden = false
  byId('sign-out').hidden = !config.tokenRequired
  goOn()
  if (config.demo) runExample()
}

function signIn(event) {
  event.preventDefault()
  token.set(byId('token').value.trim())
  byId('token').value = ''
  notice('')
  open()
}

function signOut(reason = '') {
  token.set('')
  refreshing.clear()
  byId('rows').replaceChildren()
  byId('result').replaceChildren()
  byId('clusters').hidden = byId('example').hidden = true
  byId('sign-in').hidden = false
  notice(reason)
  if (reason) byId('token').focus()
}

/** Refreshes only while the page is visible and not paused. */
function goOn() {
  const isActive = !document.hidden && !isPaused && !byId('clusters').hidden
  if (isActive) refreshing.start()
  else refreshing.stop()
}

function pause(isOn) {
  isPaused = isOn
  byId('pause').setAttribute('aria-pressed', String(isPaused))
  byId('pause').textContent = isPaused ? 'Resume' : 'Pause'
  goOn()
  show()
}

/** Shows the error of the last query; null clears it. */
function say(error) {
  if (error === null) return notice('')
  if (error.status === 401) return signOut('This token is not valid. Sign in with another one.')
  const since = refreshing.answeredAt ? ` The data is from ${new Date(refreshing.answeredAt).toLocaleTimeString()}.` : ''
  return notice(`${error.message}${since}`)
}

function notice(text) {
  const place = byId('notice')
  if (place.textContent !== text) place.textContent = text
  place.hidden = text === ''
}

function show() {
  const clusters = [...refreshing.clusters.values()]
  const now = Date.now()
  byId('rows').replaceChildren(...clusters.map((cluster) => clusterRow(cluster, now)))
  byId('empty').hidden = !refreshing.isListed || clusters.length > 0
  byId('summary').textContent = summary(clusters)
  byId('updated').textContent = isPaused ? 'paused' : age(now)
  const spoken = clusters.some(({ answer }) => answer === null) ? '' : answering(clusters)
  if (spoken && byId('spoken').textContent !== spoken) byId('spoken').textContent = spoken
}

function answering(clusters) {
  const well = clusters.filter(({ answer }) => answer?.isOk).length
  return clusters.length === 0 ? '' : `${well} of ${clusters.length} ${clusters.length === 1 ? 'cluster' : 'clusters'} answer`
}

function summary(clusters) {
  const known = clusters.filter(({ answer }) => answer !== null)
  if (clusters.length === 0 || known.length === 0) return ''
  const total = (name) => numbers.format(known.reduce((sum, { answer }) => sum + (answer[name] ?? 0), 0))
  return `${answering(clusters)} · ${total('nodes')} nodes · ${total('pods')} pods`
}

function age(now) {
  if (refreshing.answeredAt === null) return ''
  const seconds = Math.round((now - refreshing.answeredAt) / 1000)
  return seconds < 10 ? 'live' : `${seconds} s old`
}

begin()
