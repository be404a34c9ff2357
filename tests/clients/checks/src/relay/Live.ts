import { graphql } from "relay-runtime";

graphql`
  subscription LiveSubscription($namespaces: [String!]) {
    pods(namespaces: $namespaces) {
      changes { id object { name } }
      clusters { name state }
    }
  }
`;
