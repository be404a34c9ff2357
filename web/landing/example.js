// An example query, and its response as a table.

import { byId, element } from './elements.js'
import { ask, Unanswered } from './graphql.js'

const QUERY = `{
  pods(
    where: [
      {path: "ready", op: EQ, value: false}
      {path: "status.phase", op: NE, value: "Succeeded"}
    ]
    orderBy: [{path: "restarts", direction: DESC}]
    first: 5
  ) {
    totalCount
    nodes {
      cluster { name }
      namespace name reason restarts
      node { name ready }
    }
    clusters { cluster { name } status }
  }
}`

const COLUMNS = ['Cluster', 'Pod', 'Reason', 'Restarts', 'Node']

export function prepareExample({ isTokenRequired }) {
  byId('query').textContent = QUERY
  byId('curl').textContent = curl(isTokenRequired)
  byId('run').addEventListener('click', runExample)
}

export async function runExample() {
  const button = byId('run')
  button.disabled = true
  try {
    const { data, errors } = await ask(QUERY)
    const why = errors?.[0]?.message ?? 'The response has no list.'
    byId('result').replaceChildren(...(data.pods ? shown(data.pods) : [words(why)]))
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error
    byId('result').replaceChildren(words(error.message))
  } finally {
    button.disabled = false
  }
}

function shown({ totalCount, nodes, clusters }) {
  const missing = clusters.filter(({ status }) => status !== 'OK').map(({ cluster }) => cluster.name)
  const where = counted(clusters.length - missing.length, 'cluster')
  const found = nodes.length === 0 ? [words(`No such pod in ${where}.`)] : [words(`${counted(totalCount, 'pod')} in ${where}, those with most restarts first:`), table(nodes)]
  return missing.length === 0 ? found : [...found, words(`Without ${missing.join(', ')}, which did not answer.`)]
}

function table(nodes) {
  const head = element('tr', { role: 'row' }, ...COLUMNS.map((name) => element('th', { role: 'columnheader', scope: 'col' }, name)))
  const body = element('tbody', { role: 'rowgroup' }, ...nodes.map(row))
  return element('table', { role: 'table' }, element('thead', { role: 'rowgroup' }, head), body)
}

function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function row({ cluster, namespace, name, reason, restarts, node }) {
  const nodeText = node ? `${node.name}${node.ready ? '' : ' (not ready)'}` : '–'
  const values = [cluster.name, `${namespace}/${name}`, reason ?? '–', String(restarts ?? '–'), nodeText]
  return element('tr', { role: 'row' }, ...values.map((value, index) => element('td', { role: 'cell', 'data-name': COLUMNS[index], dir: 'auto' }, value)))
}

function words(text) {
  return element('p', { class: 'hint' }, text)
}

function curl(isTokenRequired) {
  const authorization = isTokenRequired ? ` \\\n  -H "Authorization: Bearer $TOKEN"` : ''
  const body = JSON.stringify({ query: '{ clusters { name version counts { nodes pods } } }' })
  return `curl ${location.origin}/graphql${authorization} \\\n  -H 'Content-Type: application/json' \\\n  -d '${body}'`
}
