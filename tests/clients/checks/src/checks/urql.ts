// Prints what the document's client has in its cache after queries that select the same pod.
import { POD, PODS } from "../queries";
import { client } from "../urql";
import { BOTH, OWNED } from "./queries";

const { data } = await client.query(PODS, { first: 3 });
const pod = data?.pods?.edges[0]?.node;
const variables = { cluster: pod?.cluster.name ?? "", namespace: pod?.namespace ?? "", name: pod?.name ?? "" };
const one = await client.query(POD, variables);
const owned = await client.query(OWNED, { id: pod?.id ?? "" });
const both = await client.query(BOTH, variables, { requestPolicy: "cache-only" });

console.log(
  JSON.stringify({
    rows: data?.pods?.edges.length,
    isJoined: JSON.stringify(both.data?.pod?.metadata.labels) === JSON.stringify(pod?.metadata.labels),
    created: both.data?.pod?.metadata.creationTimestamp === one.data?.pod?.metadata.creationTimestamp,
    kind: owned.data?.object?.kind,
    ownerKind: owned.data?.object?.owner?.kind,
  }),
);
