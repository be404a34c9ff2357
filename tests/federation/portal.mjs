// What the other subgraphs of the tests know: teams with their workloads, and remarks on any object.
const ON_CALL = { checkout: "ada", payments: "grace" };

/** Resolvers of a subgraph; `ids` are the global ids of the deployments of each team. */
export function resolvers(subgraph, ids) {
  const teamOf = (id) => Object.keys(ids).find((team) => ids[team].includes(id));
  const team = (name) => name && { name, onCall: ON_CALL[name] ?? "nobody", workloads: ids[name].map((id) => ({ id })) };
  if (subgraph === "remarks") {
    return { KubernetesObject: { __resolveReference: ({ id }) => ({ id, remark: `seen ${id.slice(-4)}` }) } };
  }
  return {
    Query: { teams: () => Object.keys(ids).map(team) },
    Deployment: {
      __resolveReference: ({ id }) => ({ id }),
      team: ({ id }) => team(teamOf(id)),
      runbook: ({ id }) => `https://runbooks.example.com/${teamOf(id) ?? "unknown"}`,
    },
  };
}
