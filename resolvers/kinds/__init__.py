'''Derived fields and links of kinds: a folder for each API group, a file for each kind.

- `object`: members of every kind; `cluster`: members of clusters; `servedkind`: kinds that clusters serve.
- `families`: all families of built-in kinds; `custom`: links between custom kinds, as data.
- `anykind`: more members of every kind; `health`: the rules of one of them.
- `core`, `configuration`: kinds of the core API group.
- `apps`, `batch`, `autoscaling`, `policy`, `scheduling`: workloads, and the kinds that scale, guard and schedule them.
- `networking`, `discovery`, `storage`: kinds of networking and of storage.
- `rbac`, `certificates`, `coordination`: access, certificates and leases.
- `admission`, `apis`, `flowcontrol`, `lifecycle`, `devices`: admission, extensions of the API, evictions and devices.
- `podspecs`: rules about specs of pods, for pods and for all kinds with templates of pods.
- `environment`: the environment of containers; `usage`: what objects use now, of all kinds that have or control pods;
  `history`: what they used over a range of time.
- `totals`: what pods request and nodes offer, for nodes, namespaces and clusters.
- `uses`: the objects that use config maps, secrets, service accounts and claims.
- `leaves`, `longlists`: leaf types of derived fields, and the limit of lists that they read.
- `amounts`, `resources`: quantities that are added, compared and printed as Kubernetes does it, and maps of them.
- `ages`: times, and ages as kubectl prints them; `printercolumns`: the paths of the values in its columns.

A kind has all its Kubernetes fields without any code. To add a derived field or a link to a kind, decorate a function
in its file, for example in resolvers/kinds/core/pod.py:

    PODS = Family(kinds.POD)

    @PODS.derived("status.phase", description="True if it runs.")
    def running(pod: Row) -> bool:
        """Returns whether the phase is Running."""
        return bool(pod.status) and pod.status.phase == "Running"

    @PODS.link("spec.nodeName", to=kinds.NODE, description="Its node; null while it is not scheduled.")
    async def node(pods: Rows, fetch: Fetch) -> Sequence[Row | None]:
        """Reads nodes by name."""
        names = [(cluster, None, pod.spec.nodeName) for cluster, pod in pods]
        return await fetch.named(kinds.NODE, names)

The strings are the paths that the function reads: only those are decoded. The function's name in camelCase is the
field's name, its annotation the type. A derived field is one plain call for each row. A link takes all parents of a
level and returns one entry for each, in order: a row or None, or a sequence of rows with `shape=Shape.MANY`. `Fetch`
(resolvers/links/fetching.py) reads by name, by selector or as a list, with one request per cluster for many parents.
Most links are declared in one entry for both directions: by name (`resolvers.links.naming`), by label selector
(`selecting`) or by owner reference (`owning`):

    CLAIMS = by_paths(kinds.POD, kinds.PERSISTENT_VOLUME_CLAIM, "spec.volumes.persistentVolumeClaim.claimName")
    add_named(PODS, CLAIMS, description="The claims that it mounts.")
    add_naming(PERSISTENT_VOLUME_CLAIMS, CLAIMS, description="The pods that mount it.")

A new family is one more entry of `FAMILIES` in resolvers/kinds/families.py. Then `make schema` adds the fields to
schema.graphql.
'''
