import { graphql } from "relay-runtime";

graphql`
  fragment PodDetail_pod on Pod @refetchable(queryName: "PodDetailRefetchQuery") {
    name
  }
`;
