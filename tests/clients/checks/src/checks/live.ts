// Follows a list with each client of the document at once; prints the rows of each.
import { requestSubscription } from "relay-runtime";
import { client as apollo } from "../apollo";
import { apply, live, type Row } from "../live";
import { LIVE } from "../queries";
import compiled, { type LiveSubscription } from "../relay/__generated__/LiveSubscription.graphql";
import { environment } from "../relay/environment";
import { client as urql } from "../urql";

const variables = { namespaces: ["checkout"] };
const isDone = (clusters: readonly { state: string }[]) => clusters.every(({ state }) => state !== "SYNCING");

const ofApollo = new Promise<number>((resolve, reject) => {
  const rows = new Map<string, Row>();
  apollo.subscribe({ query: LIVE, variables, fetchPolicy: "no-cache" }).subscribe(({ data, error }) => {
    if (!data) return reject(error);
    apply(rows, data.pods);
    if (isDone(data.pods.clusters)) resolve(rows.size);
  });
});

const ofUrql = new Promise<number>((resolve, reject) => {
  const rows = new Map<string, Row>();
  urql.subscription(LIVE, variables).subscribe(({ data, error }) => {
    if (!data) return reject(error);
    apply(rows, data.pods);
    if (isDone(data.pods.clusters)) resolve(rows.size);
  });
});

const ofRelay = new Promise<[number, number]>((resolve, reject) => {
  const names = new Map<string, string | undefined>();
  requestSubscription<LiveSubscription>(environment, {
    subscription: compiled,
    variables,
    onError: reject,
    onNext: (data) => {
      for (const { id, object } of data?.pods.changes ?? []) names.set(id, object?.name);
      if (isDone(data?.pods.clusters ?? [])) resolve([names.size, new Set(names.values()).size]);
    },
  });
});

const [relay, relayNames] = await ofRelay;
console.log(JSON.stringify({ apollo: await ofApollo, urql: await ofUrql, relay, relayNames }));
apollo.stop();
await live.dispose();
process.exit(0);
