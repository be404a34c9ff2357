// What the document's two queries read of a pod, together and apart.
import { graphql } from "../gql";

export const BOTH = graphql(`
  query Both($cluster: String!, $namespace: String!, $name: String!) {
    pod(cluster: $cluster, namespace: $namespace, name: $name) { id reason metadata { labels creationTimestamp } }
  }
`);

export const OWNED = graphql(`
  query Owned($id: ID!) {
    object(id: $id) { id ... on KubernetesObject { kind owner { id ... on KubernetesObject { kind } } } }
  }
`);
