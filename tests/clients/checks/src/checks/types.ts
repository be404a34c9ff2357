// Only compiled: what the generated types allow, and what they do not.
import type { PodQuery, PodsQuery } from "../gql/graphql";

type Node = NonNullable<PodsQuery["pods"]>["edges"][number]["node"];
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

export const restarts: Same<Node["restarts"], number> = true;
export const labels: Same<Node["metadata"]["labels"], Record<string, string> | null> = true;
export const created: Same<NonNullable<PodQuery["pod"]>["metadata"]["creationTimestamp"], string | null> = true;

export function wrong(node: Node): unknown {
  // @ts-expect-error spec was not selected
  return node.spec;
}
