// The questions behind the numbers of the page: counted for each cluster here, opened as lists in GraphiQL by links.

/** What is wrong in a cluster; one entry has its list, its condition, and the fields that its list shows. */
export const TROUBLES = {
  badNodes: {
    list: 'nodes',
    where: '[{path: "ready", value: false}]',
    fields: 'name roles ready status { conditions { type status reason message } }',
    words: ['node not ready', 'nodes not ready'],
  },
  badPods: {
    list: 'pods',
    where: '[{path: "ready", value: false}, {path: "status.phase", op: NE, value: "Succeeded"}]',
    orderBy: '[{path: "restarts", direction: DESC}]',
    fields: 'namespace name reason restarts node { name ready }',
    words: ['pod not ready', 'pods not ready'],
  },
  behind: {
    list: 'deployments',
    where: '[{path: "rollout.complete", value: false}]',
    fields: 'namespace name rollout { reason } replicas { desired updated ready }',
    words: ['deployment behind', 'deployments behind'],
  },
  warnings: {
    list: 'events',
    where: '[{path: "type", value: "Warning"}, {path: "lastSeen", op: GE, value: "now-1h"}]',
    orderBy: '[{path: "lastSeen", direction: DESC}]',
    fields: 'namespace involvedObject { kind name } reason message occurrences lastSeen',
    words: ['warning in 1 h', 'warnings in 1 h'],
  },
}

const TOTALS = {
  nodes: { list: 'nodes', fields: 'name roles ready' },
  pods: { list: 'pods', fields: 'namespace name reason restarts' },
}

const MOST = 50

/** Returns the subscription to what is wrong: which clusters have it, and how current that is. */
export function troubleQuestion(name) {
  const { list, where } = TROUBLES[name]
  return `subscription ${name[0].toUpperCase()}${name.slice(1)} {
  ${list}(where: ${where}) {
    changes { type id cluster }
    clusters { name state isResynced error { code message } }
  }
}`
}

/** Returns the address of GraphiQL with the list behind a number: of one cluster, or of all if there is no name. */
export function listAddress(name, cluster) {
  return graphiqlAddress(listQuery({ ...TOTALS, ...TROUBLES }[name], cluster))
}

/** Returns the address of GraphiQL with a query, in the fragment, which is not sent to the server. */
export function graphiqlAddress(query) {
  return `/graphiql#query=${encodeURIComponent(query)}`
}

function listQuery({ list, where, orderBy, fields }, cluster) {
  const given = {
    clusters: cluster === undefined ? undefined : `{names: [${JSON.stringify(cluster)}]}`,
    where,
    orderBy,
    first: MOST,
  }
  const set = Object.entries(given).filter(([, value]) => value !== undefined)
  return `{
  ${list}(
${set.map(([name, value]) => `    ${name}: ${value}`).join('\n')}
  ) {
    totalCount
    nodes {
      ${cluster === undefined ? 'cluster { name }\n      ' : ''}${fields}
    }
    clusters { cluster { name } status error { message } }
  }
}`
}
