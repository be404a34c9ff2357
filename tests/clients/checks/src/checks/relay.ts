// Pages through the pods of one node with the document's fragment.
import { createOperationDescriptor, fetchQuery, getSingularSelector, type OperationType } from "relay-runtime";
import { environment } from "../relay/environment";
import ids, { type NodePodsCheckIdsQuery } from "../relay/__generated__/NodePodsCheckIdsQuery.graphql";
import query, { type NodePodsCheckQuery } from "../relay/__generated__/NodePodsCheckQuery.graphql";
import more, { type NodePodsMoreQuery } from "../relay/__generated__/NodePodsMoreQuery.graphql";
import fragment, { type NodePods_node$data } from "../relay/__generated__/NodePods_node.graphql";

const nodes = await fetchQuery<NodePodsCheckIdsQuery>(environment, ids, {}).toPromise();
const id = nodes?.nodes?.edges[0]?.node.id ?? "";
const page = createOperationDescriptor(query, { id });
environment.retain(page);

function shown() {
  const root = environment.lookup(page.fragment).data as OperationType["response"];
  const { object } = environment.lookup(getSingularSelector(fragment, root)!).data as unknown as NodePods_node$data;
  return object?.pods?.edges.map(({ node }) => node.name) ?? [];
}

await fetchQuery<NodePodsCheckQuery>(environment, query, { id }).toPromise();
const before = shown();
const after = environment.getStore().getSource().get(`client:${id}:__NodePods_pods_connection:pageInfo`)?.["endCursor"];
await fetchQuery<NodePodsMoreQuery>(environment, more, { id, first: 3, after: after as string }).toPromise();
console.log(JSON.stringify({ before: before.length, after: new Set(shown()).size }));
