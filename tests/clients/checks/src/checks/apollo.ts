// Prints what the document's client has in its cache after queries that select the same pod.
import { client } from "../apollo";
import { POD, PODS } from "../queries";
import { BOTH, OWNED } from "./queries";

const { data } = await client.query({ query: PODS, variables: { first: 3 }, errorPolicy: "all" });
const pod = data?.pods?.edges[0]?.node;
const variables = { cluster: pod?.cluster.name ?? "", namespace: pod?.namespace ?? "", name: pod?.name ?? "" };
const one = await client.query({ query: POD, variables });
const owned = await client.query({ query: OWNED, variables: { id: pod?.id ?? "" } });
const both = client.readQuery({ query: BOTH, variables });
const entries = Object.keys(client.cache.extract() as object);

console.log(
  JSON.stringify({
    rows: data?.pods?.edges.length,
    isOneEntry: entries.filter((key) => key === `Pod:${pod?.id}`).length === 1,
    isJoined: JSON.stringify(both?.pod?.metadata.labels) === JSON.stringify(pod?.metadata.labels),
    created: both?.pod?.metadata.creationTimestamp === one.data?.pod?.metadata.creationTimestamp,
    kind: owned.data?.object?.kind,
    ownerKind: owned.data?.object?.owner?.kind,
  }),
);
client.stop();
