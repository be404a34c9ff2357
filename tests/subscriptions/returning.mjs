// Subscribes many times on one WebSocket of graphql-ws: node returning.mjs URL COUNT. Prints the errors, as a line of JSON,
// when every subscription has a payload or has ended, and again when every one has on the next connection; then ends.
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";

const [url, count] = [process.argv[2].replace("http", "ws"), Number(process.argv[3])];
const query = "subscription { nodes { changes { id } clusters { name state } } }";
const codes = [];
const errors = [];
let connections = 0;
let silent = new Set();

const client = createClient({
  url,
  webSocketImpl: WebSocket,
  retryAttempts: Infinity,
  retryWait: () => new Promise((resolve) => setTimeout(resolve, 100)),
  shouldRetry: (cut) => cut.code !== 4403,
  on: {
    opened: () => {
      connections += 1;
      silent = new Set(Array(count).keys());
    },
    closed: ({ code }) => codes.length || codes.push(code), // later ones are of attempts while nobody listens
  },
});

function heard(number) {
  if (silent.delete(number) && !silent.size) console.log(JSON.stringify({ connections, codes, errors }));
  if (!silent.size && connections === 2) process.exit(0);
}

for (let number = 0; number < count; number += 1) {
  const error = (failed) => errors.push(String(failed[0]?.message ?? failed)) && heard(number);
  client.subscribe({ query }, { next: () => heard(number), error, complete: () => errors.push("complete") });
}
