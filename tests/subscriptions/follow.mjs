// Follows a list by every client at once: node follow.mjs URL. Prints one line of JSON when all have seen a change and
// are as a fresh query, and one when the server has ended all of them; then ends.
import { readFileSync } from "node:fs";
import { clients } from "./clients.mjs";
import { supergraphOf } from "./gateway.mjs";

const SELECTED = "id name reason restarts";
const LIVE = readFileSync("documents/live.graphql", "utf8");
const INVALID = readFileSync("documents/invalid.graphql", "utf8");
const TIMEOUT_MS = 60_000;

const url = process.argv[2];
const supergraph = await supergraphOf(url);

class Following {
  rows = new Map();
  homes = new Map();
  payloads = 0;
  changes = 0;
  clusters = [];
  faults = [];

  constructor(subscribe) {
    this.ended = new Promise((resolve) => {
      const next = (result) => this.take(result, resolve);
      const complete = () => resolve({ how: "complete", code: this.code });
      this.unsubscribe = subscribe({ next, complete, error: (error) => resolve({ how: "error", code: codeOf(error) }) });
    });
  }

  take({ data, errors }) {
    if (errors?.length) this.code = codeOf(errors);
    if (!data?.pods) return;
    this.payloads += 1;
    this.clusters = data.pods.clusters;
    const again = new Set(this.clusters.filter((one) => one.isResynced).map(({ name }) => name));
    for (const [id, cluster] of this.homes) if (again.has(cluster)) this.rows.delete(id);
    for (const { type, id, cluster, isInitial, object } of data.pods.changes) {
      this.homes.set(id, cluster);
      if (this.rows.has(id) !== (type !== "ADDED")) this.faults.push(`${type} ${id}`);
      if (!isInitial) this.changes += 1;
      if (object) this.rows.set(id, object);
      else this.rows.delete(id);
    }
  }

  get isLive() {
    return this.changes > 0 && this.clusters.every(({ state }) => state !== "SYNCING");
  }
}

const codeOf = (error) => {
  const first = Array.isArray(error) ? error[0] : error;
  return first?.extensions?.code ?? first?.errors?.[0]?.extensions?.code ?? first?.code ?? String(first?.message ?? first);
};

const textOf = (rows) => JSON.stringify(rows.map(({ id, name, reason, restarts }) => [id, name, reason, restarts]).sort());

async function fresh() {
  const body = JSON.stringify({ query: `{ pods { nodes { ${SELECTED} } } }` });
  const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  return textOf((await answer.json()).data.pods.nodes);
}

async function until(isTrue, what) {
  const end = Date.now() + TIMEOUT_MS;
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error(`never: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const each = async (work) =>
  Object.fromEntries(
    await Promise.all(Object.entries(clients).map(async ([name, client]) => [name, await work(client, name)])),
  );

async function invalid(client) {
  const following = new Following((sink) => client(url, INVALID, sink, supergraph));
  return (await following.ended).code;
}

const refused = await each(invalid);
const followed = await each((client) => new Following((sink) => client(url, LIVE, sink, supergraph)));
const all = Object.values(followed);
const state = () => Object.entries(followed).map(([name, one]) => `${name} ${one.payloads} ${one.changes} ${one.rows.size} ${one.code}`);
await until(() => all.every((one) => one.isLive), state);
await until(async () => {
  const expected = await fresh();
  return all.every((one) => textOf([...one.rows.values()]) === expected);
}, state);
console.log(JSON.stringify({ refused, faults: Object.fromEntries(Object.entries(followed).map(([name, one]) => [name, one.faults])) }));

const ended = await Promise.all(Object.entries(followed).map(async ([name, one]) => [name, await one.ended]));
console.log(JSON.stringify({ ended: Object.fromEntries(ended) }));
process.exit(0);
