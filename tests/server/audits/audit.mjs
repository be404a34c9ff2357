// Prints the result of each of graphql-http's server audits against the server at argv[2] as JSON.
import { auditServer } from "graphql-http";

const [, , url, token] = process.argv;
const headers = token ? { authorization: `Bearer ${token}` } : {};

function fetchFn(input, init) {
  return fetch(input, { ...init, headers: { ...headers, ...init?.headers } });
}

const results = await auditServer({ url, fetchFn });
console.log(
  JSON.stringify(
    results.map((result) => ({ id: result.id, name: result.name, status: result.status, reason: result.reason ?? "" })),
  ),
);
