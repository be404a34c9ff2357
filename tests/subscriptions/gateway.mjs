// Hive gateway before fleetgraph, in this process.
import { createGatewayRuntime } from "@graphql-hive/gateway-runtime";
import { composeServices } from "@theguild/federation-composition";
import { Kind, parse, visit } from "graphql";

const PREFLIGHTED = { "GraphQL-Require-Preflight": "1" }; // the demo needs no token, and then a GET needs this
const ROOTS = { Query: ["clusters"], Subscription: ["pods"] };
const REMARKS = "http://remarks/graphql"; // a subgraph that answers in this process: see `remarked`
const REMARKS_SDL = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
  type Pod @key(fields: "id") { id: ID! remark: String }
`;
const LEAVES_ONLY = ["Pod", "Cluster"];

/** The supergraph of a part of fleetgraph's schema (the whole one takes seconds to compose) and of remarks on pods. */
export async function supergraphOf(url) {
  const body = JSON.stringify({ query: "{ _service { sdl } }" });
  const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  const { sdl } = (await answer.json()).data._service;
  const composed = composeServices([
    { name: "fleetgraph", typeDefs: partOf(parse(sdl, { noLocation: true })), url },
    { name: "remarks", typeDefs: parse(REMARKS_SDL), url: REMARKS },
  ]);
  if (composed.errors) throw new Error(composed.errors.map((error) => error.message).join("\n"));
  return composed.supergraphSdl;
}

/** A gateway whose subscriptions go to fleetgraph in a way: `undefined` is its default, server-sent events. */
export function gatewayOf(supergraph, subscriptions) {
  return createGatewayRuntime({
    supergraph: () => supergraph,
    logging: false,
    fetchAPI: { fetch: (url, options) => (url === REMARKS ? remarked(JSON.parse(options.body)) : fetch(url, options)) },
    transportEntries: { fleetgraph: { headers: Object.entries(PREFLIGHTED), options: { subscriptions } } },
  });
}

/** The remark of a pod, for tests to compare. */
export const remarkOf = (id) => `seen ${id.slice(-6)}`;

function remarked({ variables }) {
  const [representations] = Object.values(variables);
  const _entities = representations.map(({ id }) => ({ __typename: "Pod", remark: remarkOf(id) }));
  return Response.json({ data: { _entities } });
}

/** The part of a schema that is reached from ROOTS, without links from the objects of LEAVES_ONLY. */
function partOf(document) {
  const types = new Map(document.definitions.filter((one) => one.name).map((one) => [one.name.value, one]));
  const isLeaf = (name) => [undefined, Kind.SCALAR_TYPE_DEFINITION, Kind.ENUM_TYPE_DEFINITION].includes(types.get(name)?.kind);
  const kept = new Map();
  const keep = (name) => {
    const definition = types.get(name);
    if (!definition || kept.has(name)) return;
    const isKept = (field) =>
      ROOTS[name]?.includes(field.name.value) ?? (!LEAVES_ONLY.includes(name) || isLeaf(named(field.type)));
    const fields = definition.fields?.filter(isKept);
    kept.set(name, fields ? { ...definition, interfaces: [], fields } : definition);
    visit(kept.get(name), { NamedType: (node) => keep(node.name.value) });
  };
  Object.keys(ROOTS).forEach(keep);
  const rest = document.definitions.filter((one) => one.kind === Kind.SCHEMA_EXTENSION || one.kind === Kind.DIRECTIVE_DEFINITION);
  return { ...document, definitions: [...rest, ...kept.values()] };
}

const named = (type) => (type.type ? named(type.type) : type.name.value);
