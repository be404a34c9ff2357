import { type GraphQLNamedType, type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql'
import { fieldsOf, rowsOf } from '../paths/types'
import { getNamedType } from 'graphql'
import { Value } from '../value'

/** The API group of each kind's type; the core group has no name. From the server, since the schema does not have it. */
export const apiGroups = new Value<Readonly<Record<string, string>>>({})

/** Kinds that most questions are about, in this order; and API groups, of which the others follow by name. */
const USUAL = ['Pod', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Service', 'Ingress', 'Node', 'Namespace', 'ConfigMap', 'Secret', 'Event', 'PersistentVolumeClaim', 'PersistentVolume']
const GROUPS = ['', 'apps', 'batch', 'networking.k8s.io', 'autoscaling', 'policy', 'rbac.authorization.k8s.io', 'storage.k8s.io']

export interface KindGroup {
  name: string
  types: GraphQLNamedType[]
}

/** The heading of kinds that are not Kubernetes' own, the interface of all kinds, and the type of kinds without a schema. */
const CUSTOM = 'custom kinds'
const OBJECT = 'KubernetesObject'
const GENERIC = 'GenericObject'

/** Returns the kinds of a schema by API group, the usual ones first and custom ones last. */
export function kindGroups(schema: GraphQLSchema): KindGroup[] {
  const types = new Map<string, GraphQLNamedType[]>()
  for (const [kind, group] of Object.entries(apiGroups.get())) {
    const type = schema.getType(kind)
    if (type) types.set(group, [...(types.get(group) ?? []), type])
  }
  const groups = [...types]
    .map(([name, members]) => ({ name, types: members.sort((a, b) => before(USUAL, a.name, b.name)) }))
    .sort((a, b) => before(GROUPS, a.name, b.name))
  const custom = customKinds(schema)
  return custom.length === 0 ? groups : [...groups, { name: CUSTOM, types: custom }]
}

function customKinds(schema: GraphQLSchema): GraphQLNamedType[] {
  const object = schema.getType(OBJECT)
  const kinds = isInterfaceType(object) ? schema.getPossibleTypes(object) : []
  return kinds.filter(({ name }) => name !== GENERIC && !(name in apiGroups.get())).sort((a, b) => a.name.localeCompare(b.name))
}

/** Returns the kinds by the name of their list: `pods`, `ingresses`. */
function kindsByList(schema: GraphQLSchema): ReadonlyMap<string, GraphQLNamedType> {
  const lists = Object.values(fieldsOf(schema.getQueryType() ?? undefined)).flatMap((field): [string, GraphQLNamedType][] => {
    const rows = rowsOf(getNamedType(field.type))
    return rows && isKind(rows) ? [[field.name.toLowerCase(), rows]] : []
  })
  return new Map(lists)
}

/** Returns the kind of a list, by its name, or by its name without the words of a group: `argoprojApplications`. */
export function kindOfList(schema: GraphQLSchema, text: string): GraphQLNamedType | undefined {
  const lists = kindsByList(schema)
  return lists.get(text) ?? (text.length > 2 ? [...lists].find(([name]) => name.endsWith(text))?.[1] : undefined)
}

export function isKind(type: GraphQLNamedType): boolean {
  return type.name in apiGroups.get() || (isObjectType(type) && type.name !== GENERIC && type.getInterfaces().some(({ name }) => name === OBJECT))
}

/** Compares by the place in a list; names that are not in it follow in their own order. */
function before(order: readonly string[], a: string, b: string): number {
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length)
  return place(a) - place(b) || a.localeCompare(b)
}
