// The clients of the tests, each as its documentation shows it: NAME: (url, document, sink) => a function that unsubscribes.
// A sink is {next(result), error(error), complete()}; next may get {errors} as well.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { Client as Urql, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient as createSse } from "graphql-sse";
import { createClient as createWs } from "graphql-ws";
import { createHash } from "node:crypto";
import { WebSocket } from "ws";
import { gatewayOf, remarkOf } from "./gateway.mjs";
import { relayFollowing } from "./relay.mjs";

globalThis.WebSocket ??= WebSocket; // Node has it from 22 on

const PREFLIGHTED = { "GraphQL-Require-Preflight": "1" }; // the demo needs no token, and then a GET needs this

/** graphql-sse, distinct connections. */
function graphqlSse(url, document, sink) {
  return createSse({ url, retryAttempts: 0 }).subscribe({ query: document }, sink);
}

/** The browser's way without a client: GET, and the lines of EventSource. */
function eventSource(url, document, sink) {
  return events(url, { query: document }, sink);
}

/** The same with a persisted document. */
function persisted(url, document, sink) {
  return events(url, { documentId: `sha256:${createHash("sha256").update(document).digest("hex")}` }, sink);
}

/** Apollo Client, multipart subscriptions over its HttpLink. */
function apolloMultipart(url, document, sink) {
  return apollo(new HttpLink({ uri: url }), document, sink);
}

/** urql's fetchExchange, which takes server-sent events for subscriptions. */
function urqlFetch(url, document, sink) {
  const client = new Urql({ url, exchanges: [fetchExchange], fetchSubscriptions: true, preferGetMethod: false });
  return urql(client, document, sink);
}

/** Relay, its network over graphql-sse. */
function relaySse(url, document, sink) {
  const client = createSse({ url, retryAttempts: 0 });
  return relayFollowing((operation, observer) => client.subscribe(operation, observer), document, sink);
}

/** Hive gateway to a subgraph over server-sent events, its default; its own client gets events, too. */
async function hiveSse(url, document, sink, supergraph) {
  return hive(gatewayOf(supergraph, undefined), document, sink);
}

const wsOf = (url) => createWs({ url: url.replace("http", "ws"), retryAttempts: 0 });

/** graphql-ws. */
function graphqlWs(url, document, sink) {
  return wsOf(url).subscribe({ query: document }, sink);
}

/** graphql-ws, cut off once every cluster is known, and continued by `resume`. */
function graphqlWsResumed(url, document, sink) {
  const query = document
    .replace("Live {", "Live($resume: String) {")
    .replace("pods {", "pods(resume: $resume) { resume")
    .replace("changes {", "changes { cluster")
    .replace("clusters {", "clusters { isResynced");
  const client = createWs({ url: url.replace("http", "ws"), retryAttempts: 2, retryWait: async () => {}, shouldRetry: () => true });
  const variables = {};
  let isCut = false;
  const next = (result) => {
    sink.next(result);
    variables.resume = result.data?.pods?.resume;
    if (isCut || !result.data?.pods.clusters.every(({ state }) => state !== "SYNCING")) return;
    isCut = true;
    client.terminate();
  };
  return client.subscribe({ query, variables }, { ...sink, next });
}

/** Apollo Client with graphql-ws. */
function apolloWs(url, document, sink) {
  return apollo(new GraphQLWsLink(wsOf(url)), document, sink);
}

/** urql with graphql-ws. */
function urqlWs(url, document, sink) {
  const ws = wsOf(url);
  const forwardSubscription = ({ query, variables }) => ({
    subscribe: (observer) => ({ unsubscribe: ws.subscribe({ query, variables }, observer) }),
  });
  return urql(new Urql({ url, exchanges: [subscriptionExchange({ forwardSubscription })] }), document, sink);
}

/** Relay, its network over graphql-ws. */
function relayWs(url, document, sink) {
  const client = wsOf(url);
  return relayFollowing((operation, observer) => client.subscribe(operation, observer), document, sink);
}

/** Hive gateway to a subgraph over WebSocket. */
function hiveWs(url, document, sink, supergraph) {
  return hive(gatewayOf(supergraph, { kind: "ws", location: "/graphql" }), document, sink);
}

const overHttp = { graphqlSse, eventSource, persisted, apolloMultipart, urqlFetch, relaySse, hiveSse };
const overWebSocket = { graphqlWs, graphqlWsResumed, apolloWs, urqlWs, relayWs, hiveWs };

export const clients = { ...overHttp, ...overWebSocket };

function apollo(link, document, sink) {
  const client = new ApolloClient({ link: ApolloLink.from([link]), cache: new InMemoryCache() });
  const options = { query: gql(document), fetchPolicy: "no-cache", errorPolicy: "all" };
  const next = ({ data, error }) => sink.next(error ? { data, errors: error.errors ?? [error] } : { data });
  const following = client.subscribe(options).subscribe({ ...sink, next });
  return () => following.unsubscribe();
}

function urql(client, document, sink) {
  const next = ({ data, error, hasNext }) => {
    sink.next(error ? { data, errors: [...error.graphQLErrors, error.networkError].filter(Boolean) } : { data });
    if (!hasNext || (error && !data)) sink.complete();
  };
  return client.subscription(document, {}).subscribe(next).unsubscribe;
}

/** Each pod has a field of another subgraph as well. */
function hive(gateway, document, sink) {
  const next = (result) => {
    const objects = (result.data?.pods?.changes ?? []).flatMap(({ object }) => object ?? []);
    if (objects.every(({ id, remark }) => remark === remarkOf(id))) sink.next(result);
    else sink.error(new Error("a pod without its remark"));
  };
  const ending = new AbortController();
  const headers = { Accept: "text/event-stream", "Content-Type": "application/json" };
  const body = JSON.stringify({ query: document.replace("restarts", "restarts remark") });
  read(gateway.fetch("http://gateway/graphql", { method: "POST", headers, body, signal: ending.signal }), { ...sink, next });
  return () => ending.abort();
}

function events(url, parameters, sink) {
  const ending = new AbortController();
  const headers = { ...PREFLIGHTED, Accept: "text/event-stream" };
  read(fetch(`${url}?${new URLSearchParams(parameters)}`, { headers, signal: ending.signal }), sink);
  return () => ending.abort();
}

async function read(answering, sink) {
  let text = "";
  try {
    const answer = await answering;
    if (answer.status !== 200) throw new Error(`HTTP ${answer.status}`);
    const decoder = new TextDecoder();
    for await (const bytes of answer.body) {
      text += decoder.decode(bytes, { stream: true });
      for (let at; (at = text.indexOf("\n\n")) >= 0; text = text.slice(at + 2)) {
        const lines = Object.fromEntries(text.slice(0, at).split("\n").map((line) => line.split(/: ?(.*)/s)));
        if (lines.event === "next") sink.next(JSON.parse(lines.data));
        if (lines.event === "complete") return sink.complete();
      }
    }
    throw new Error("cut");
  } catch (error) {
    if (error.name !== "AbortError") sink.error(error);
  }
}
