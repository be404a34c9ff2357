import { graphql } from "relay-runtime";

graphql`
  query NodePodsCheckQuery($id: ID!) {
    ...NodePods_node @arguments(id: $id, first: 3)
  }
`;

graphql`
  query NodePodsCheckIdsQuery {
    nodes(first: 1, clusters: { names: ["prod-eu-1"] }) { edges { node { id } } }
  }
`;
