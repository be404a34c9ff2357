// A Relay environment, and the subscription as relay-compiler writes it.
import relay from "relay-runtime";

const { Environment, Network, Observable, RecordSource, Store, requestSubscription } = relay;

const scalar = (name) => ({ alias: null, args: null, kind: "ScalarField", name, storageKey: null });
const linked = (name, concreteType, plural, selections) => ({
  alias: null, args: null, concreteType, kind: "LinkedField", name, plural, selections, storageKey: null,
});

const SELECTIONS = [
  linked("pods", "PodChanges", false, [
    linked("changes", "PodChange", true, [
      ...["type", "id", "isInitial"].map(scalar),
      linked("object", "Pod", false, ["id", "name", "reason", "restarts"].map(scalar)),
    ]),
    linked("clusters", "LiveCluster", true, ["name", "state"].map(scalar)),
  ]),
];

const compiled = (text) => ({
  fragment: { argumentDefinitions: [], kind: "Fragment", metadata: null, name: "Live", selections: SELECTIONS, type: "Subscription" },
  kind: "Request",
  operation: { argumentDefinitions: [], kind: "Operation", name: "Live", selections: SELECTIONS },
  params: { cacheID: text, id: null, metadata: {}, name: "Live", operationKind: "subscription", text },
});

/** `subscribe({query, variables}, sink)` is a client's. A change has the id of its object, so it is no record by itself. */
export function relayFollowing(subscribe, document, sink) {
  const network = Network.create(
    () => { throw new Error("no queries here"); },
    ({ text }, variables) => Observable.create((observer) => subscribe({ query: text, variables }, observer)),
  );
  const getDataID = (value, typename) => (typename.endsWith("Change") ? undefined : value.id);
  const environment = new Environment({ network, store: new Store(new RecordSource()), getDataID });
  const following = requestSubscription(environment, {
    subscription: compiled(document),
    variables: {},
    onNext: (data) => sink.next({ data }),
    onError: (error) => sink.error(error.source ?? error),
    onCompleted: () => sink.complete(),
  });
  return () => following.dispose();
}
