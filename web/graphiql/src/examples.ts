import applications from './examples/Applications.graphql?raw'
import counts from './examples/Counts.graphql?raw'
import crashes from './examples/Crashes.graphql?raw'
import envelope from './examples/Envelope.graphql?raw'
import environment from './examples/Environment.graphql?raw'
import fleet from './examples/Fleet.graphql?raw'
import health from './examples/Health.graphql?raw'
import history from './examples/History.graphql?raw'
import kinds from './examples/Kinds.graphql?raw'
import later from './examples/Later.graphql?raw'
import links from './examples/Links.graphql?raw'
import live from './examples/Live.graphql?raw'
import reach from './examples/Reach.graphql?raw'
import totals from './examples/Totals.graphql?raw'
import trouble from './examples/Trouble.graphql?raw'
import usage from './examples/Usage.graphql?raw'
import uses from './examples/Uses.graphql?raw'

/** A tab of the first visit, and an entry of the menu. */
export interface Example {
  title: string
  query: string
  variables?: string
}

/**
 * Examples of fleetgraph's features, without cluster names; one is about a custom kind, which the demo has. The first has
 * no variables: GraphiQL would drop them.
 */
export function examples(isDemo: boolean): Example[] {
  return [
    { title: 'Trouble: pods that are not ready, in every cluster', query: trouble },
    { title: 'Live: pods that are not ready, as they come and go', query: live },
    { title: 'Fleet: the newest pods of all clusters', query: fleet },
    { title: 'Envelope: a dead and a slow cluster', query: envelope },
    { title: 'Reach: from ingresses to services, pods and nodes', query: reach },
    { title: 'Links: stuck rollouts, their pods and nodes', query: links },
    { title: 'Uses: Secrets that nothing uses, and what uses the others', query: uses },
    { title: 'Crashes: the last failures of containers', query: crashes },
    { title: 'Environment: variables of containers that lack something', query: environment },
    { title: 'Usage: what pods use, beside what they requested', query: usage },
    { title: 'History: usage over time, from Prometheus', query: history },
    { title: 'Totals: capacity, requests and usage of clusters and nodes', query: totals },
    { title: 'Health: everything that is not as it should be', query: health },
    ...(isDemo ? [{ title: 'Applications: custom kinds, typed', query: applications }] : []),
    { title: 'Kinds: what clusters serve, in which versions', query: kinds },
    { title: 'Later: fast clusters first, slow ones when they answer', query: later },
    {
      title: 'Counts: per cluster and namespace',
      query: counts,
      variables: JSON.stringify({ labels: isDemo ? 'env=prod' : null, namespaces: 10 }, null, 2),
    },
  ]
}
