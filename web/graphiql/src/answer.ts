import { Value } from './value'

/** The figures of a response. */
export interface Answer {
  milliseconds: number
  bytes: number
  errors: number
  clusters: ClusterOutcome[]
  /** What is said instead of time and size while a subscription goes on. */
  live?: string
}

export interface ClusterOutcome {
  name: string
  /** As in the envelope (OK, UNREACHABLE, TIMEOUT, ...), or the code of an error that names the cluster. */
  status: string
  /** Of the slowest request; null without an envelope. */
  latencyMs: number | null
  message: string
}

export const answer = new Value<Answer | null>(null)

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type JsonObject = { [key: string]: Json }

/** Returns the clusters of a response: those of every selected envelope, and those that errors name. */
export function clusterOutcomes(result: unknown): ClusterOutcome[] {
  const found = new Map<string, ClusterOutcome>()
  if (!isObject(result)) return []
  collectReports(result.data ?? null, found)
  for (const error of Array.isArray(result.errors) ? result.errors : []) {
    if (isObject(error) && isObject(error.extensions)) addError(error, error.extensions, found)
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name))
}

function collectReports(value: Json, found: Map<string, ClusterOutcome>): void {
  if (Array.isArray(value)) {
    for (const item of value) collectReports(item, found)
  } else if (isObject(value)) {
    addReport(value, found)
    for (const item of Object.values(value)) if (typeof item === 'object') collectReports(item, found)
  }
}

function addReport({ cluster, status, latencyMs, error }: JsonObject, found: Map<string, ClusterOutcome>): void {
  const name = isObject(cluster) ? cluster.name : undefined
  if (typeof name !== 'string' || typeof status !== 'string') return
  const known = found.get(name)
  const latency = typeof latencyMs === 'number' ? latencyMs : null
  found.set(name, {
    name,
    status: known && known.status !== 'OK' ? known.status : status,
    latencyMs: Math.max(known?.latencyMs ?? -1, latency ?? -1) < 0 ? null : Math.max(known?.latencyMs ?? 0, latency ?? 0),
    message: known?.message || (isObject(error) && typeof error.message === 'string' ? error.message : ''),
  })
}

function addError(error: JsonObject, { cluster, code }: JsonObject, found: Map<string, ClusterOutcome>): void {
  if (typeof cluster !== 'string') return
  const known = found.get(cluster)
  if (known && known.status !== 'OK') return
  found.set(cluster, {
    name: cluster,
    status: typeof code === 'string' ? code : 'FAILED',
    latencyMs: known?.latencyMs ?? null,
    message: typeof error.message === 'string' ? error.message : '',
  })
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
