// The start page: sign-in, content, what is followed.

import { linkedNumber } from './clusterrow.js'
import { ClusterTable } from './clustertable.js'
import { byId, element } from './elements.js'
import { prepareExample, runExample } from './example.js'
import { Following } from './following.js'
import { fetchConfig, token } from './graphql.js'
import { TROUBLES } from './questions.js'

const SHOW_MS = 200 // answers of many clusters come together; the table is drawn once for them

const following = new Following({ onChange: showSoon, onTrouble: say })
const table = new ClusterTable({ onChange: show })
let config = { tokenRequired: true, demo: false, version: '', contact: '' }
let isPaused = false
let timer = null

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
  document.body.classList.add('open')
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
  following.clear()
  table.clear()
  show()
  byId('spoken').textContent = ''
  document.body.classList.remove('open')
  byId('result').replaceChildren()
  byId('clusters').hidden = byId('example').hidden = true
  byId('sign-in').hidden = false
  notice(reason)
  if (reason) byId('token').focus()
}

/** Follows only while the page is visible and not paused. */
function goOn() {
  const isActive = !document.hidden && !isPaused && !byId('clusters').hidden
  if (isActive) following.start()
  else following.stop()
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
  if (error.status === 401 && config.tokenRequired) return signOut('This token is not valid. Sign in with another one.')
  const since = following.answeredAt ? ` The data is from ${new Date(following.answeredAt).toLocaleTimeString()}.` : ''
  return notice(`${error.message}${since}`)
}

function notice(text) {
  const place = byId('notice')
  if (place.textContent !== text) place.textContent = text
  place.hidden = text === ''
}

function showSoon() {
  timer ??= setTimeout(show, SHOW_MS)
}

function show() {
  clearTimeout(timer)
  timer = null
  const clusters = [...following.clusters.values()]
  const now = Date.now()
  table.show(clusters, following.isOld(now))
  showWhyEmpty(following.isListed && clusters.length === 0)
  showSummary(clusters)
  byId('updated').textContent = age(now)
  const spoken = clusters.some(({ answer }) => answer === null) ? '' : answering(clusters)
  if (spoken && byId('spoken').textContent !== spoken) byId('spoken').textContent = spoken
}

function answering(clusters) {
  const well = clusters.filter(({ answer }) => answer?.isOk).length
  return clusters.length === 0 ? '' : `${well} of ${clusters.length} ${clusters.length === 1 ? 'cluster' : 'clusters'} answer`
}

/** Says why there is no cluster: to those who may add one how, to others whom to ask. */
function showWhyEmpty(isEmpty) {
  const isAdministrator = following.viewer?.administrator !== false
  byId('table').hidden = byId('filter').hidden = isEmpty
  byId('empty').hidden = !isEmpty || !isAdministrator
  byId('ungranted').hidden = !isEmpty || isAdministrator
  if (isEmpty && !isAdministrator) {
    byId('viewer').textContent = following.viewer.name
    byId('contact').textContent = config.contact || 'whoever runs this server'
  }
}

/** Shows the totals of the fleet; each is a link to the list behind it. */
function showSummary(clusters) {
  const known = clusters.filter(({ answer }) => answer !== null)
  const parts = clusters.length === 0 || known.length === 0 ? [] : [answering(clusters), ...totals(known), ...troubles(known)]
  const shown = element('p', {}, ...parts.flatMap((part, index) => (index === 0 ? [part] : [' · ', part])))
  const place = byId('summary')
  if (!place.firstElementChild?.isEqualNode(shown)) place.replaceChildren(shown)
}

function totals(known) {
  return ['nodes', 'pods'].map((name) => {
    const sum = known.reduce((total, { answer }) => total + (answer[name] ?? 0), 0)
    return element('span', {}, linkedNumber(name, sum), ` ${name}`)
  })
}

function troubles(known) {
  const states = known.map(({ state }) => state).filter((state) => state !== null)
  if (states.length === 0) return []
  return Object.entries(TROUBLES).map(([name, { words }]) => {
    const counted = states.map((state) => state[name].number).filter((number) => number !== null)
    const sum = counted.length === 0 ? null : counted.reduce((total, number) => total + number, 0)
    return element('span', {}, linkedNumber(name, sum), ` ${words[sum === 1 ? 0 : 1]}`)
  })
}

function age(now) {
  if (following.answeredAt === null) return ''
  const at = new Date(following.answeredAt).toLocaleTimeString()
  if (isPaused) return `paused · last answer at ${at}`
  if (following.lostAt === null) return `live · last answer at ${at}`
  return `last answer at ${at}, ${Math.round((now - following.answeredAt) / 1000)} s ago`
}

begin()
