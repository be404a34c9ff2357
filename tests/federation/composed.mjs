// Composes fleetgraph with the subgraphs of portal.mjs and runs one query through a gateway.
// node composed.mjs URL FILE: the file has {"query", "ids", "subgraphs"}; prints {"hints", "answer", "asked"}.
import { composeServices } from "@apollo/composition";
import { ApolloGateway, LocalGraphQLDataSource, RemoteGraphQLDataSource } from "@apollo/gateway";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";
import { readFileSync } from "node:fs";
import { resolvers } from "./portal.mjs";

const [url, file] = process.argv.slice(2);
const { query, ids, subgraphs } = JSON.parse(readFileSync(file, "utf8"));
const headers = { "content-type": "application/json", accept: "application/json" };
if (process.env.FLEETGRAPH_TOKEN) headers.authorization = `Bearer ${process.env.FLEETGRAPH_TOKEN}`;

const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query: "{ _service { sdl } }" }) });
const ours = (await answer.json()).data._service.sdl;

const services = [
  { name: "fleetgraph", url, typeDefs: parse(ours) },
  ...Object.entries(subgraphs).map(([name, sdl]) => ({ name, url: `local:${name}`, typeDefs: parse(sdl) })),
];
const composed = composeServices(services);
if (composed.errors) {
  console.error(composed.errors.map((error) => error.message).join("\n"));
  process.exit(1);
}

const asked = [];
class Fleetgraph extends RemoteGraphQLDataSource {
  willSendRequest({ request }) {
    for (const [name, value] of Object.entries(headers)) request.http.headers.set(name, value);
    asked.push({ query: request.query, variables: request.variables ?? {} });
  }
}
const gateway = new ApolloGateway({
  supergraphSdl: composed.supergraphSdl,
  buildService: ({ name, url }) =>
    name === "fleetgraph"
      ? new Fleetgraph({ url })
      : new LocalGraphQLDataSource(
          buildSubgraphSchema({ typeDefs: parse(subgraphs[name]), resolvers: resolvers(name, ids) }),
        ),
});
const { executor } = await gateway.load();
const result = await executor({
  document: parse(query),
  request: { query, http: { headers: new Map() } },
  queryHash: "one",
  context: {},
  cache: { get: async () => undefined, set: async () => {} },
  metrics: {},
  logger: console,
  overallCachePolicy: { restrict() {}, policyIfCacheable() {} },
});
await gateway.stop();
console.log(JSON.stringify({ hints: composed.hints.map((hint) => hint.code ?? hint.definition.code), answer: result, asked }));
