// An example query, and its response as a table.

import { byId, element } from './elements.js'
import { ask, token, Unanswered } from './graphql.js'
import { graphiqlAddress } from './questions.js'

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
  const query = byId('query')
  query.value = QUERY
  const follow = () => {
    byId('curl').textContent = curl(query.value, isTokenRequired)
    byId('in-graphiql').href = graphiqlAddress(query.value)
  }
  query.addEventListener('input', follow)
  query.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) runExample()
  })
  byId('run').addEventListener('click', runExample)
  follow()
}

/** Shows the response to the query, unless another person has signed in meanwhile, or nobody. */
export async function runExample() {
  const button = byId('run')
  button.disabled = true
  const asker = token.get()
  try {
    const query = byId('query').value
    const { data, errors } = await ask(query)
    if (token.get() !== asker) return
    byId('result').replaceChildren(...(query === QUERY ? exampleResult(data, errors) : anyResult(data, errors)))
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error
    if (token.get() === asker) byId('result').replaceChildren(words(error.message))
  } finally {
    button.disabled = false
  }
}

function exampleResult(data, errors) {
  return data.pods ? shown(data.pods) : [words(errors?.[0]?.message ?? 'The response has no list.')]
}

/** Returns the response to an edited query as it is, with its errors above. */
function anyResult(data, errors) {
  return [...(errors ?? []).map(({ message }) => words(message)), element('pre', { tabindex: 0 }, JSON.stringify(data, null, 2))]
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

function curl(query, isTokenRequired) {
  const authorization = isTokenRequired ? ` \\\n  -H "Authorization: Bearer $TOKEN"` : ''
  const body = JSON.stringify({ query }).replaceAll("'", "'\\''")
  return `curl ${location.origin}/graphql${authorization} \\\n  -H 'Content-Type: application/json' \\\n  -d '${body}'`
}
