import { isMacOs, useGraphiQL } from '@graphiql/react'
import { useEffect } from 'react'
import { answer, type Answer, type ClusterOutcome } from './answer'
import { notice } from './request/notice'
import { useValue } from './value'

/** The latency from which a cluster counts as slow. */
const SLOW_MS = 500

/** One line above the response: its time and size, and the clusters that failed or were slow. */
export function AnswerStrip() {
  const last = useValue(answer)
  const said = useValue(notice)
  const tab = useGraphiQL(({ tabs, activeTabIndex }) => tabs[activeTabIndex]?.id)
  useEffect(() => {
    answer.set(null)
    notice.set('')
  }, [tab])
  return (
    <div className="answer" role="status">
      {last ? <Content answer={last} /> : <span className="quiet">{isMacOs ? 'Cmd' : 'Ctrl'}+Enter runs the operation.</span>}
      {said && <span className="quiet">{said}</span>}
    </div>
  )
}

function Content({ answer: { milliseconds, bytes, errors, clusters, live } }: { answer: Answer }) {
  const failed = clusters.filter(({ status }) => status !== 'OK')
  const slow = clusters.filter(({ status, latencyMs }) => status === 'OK' && (latencyMs ?? 0) >= SLOW_MS)
  const good = clusters.length - failed.length
  return (
    <>
      <span>{live ?? `${Math.round(milliseconds)} ms · ${size(bytes)}`}</span>
      {good > 0 && (
        <span className="chip good" title={`${good} of ${clusters.length} clusters answered`}>
          {good} OK
        </span>
      )}
      {slow.map((cluster) => (
        <span key={cluster.name} className="chip slow" title="slow">
          {cluster.name} {Math.round(cluster.latencyMs ?? 0)} ms
        </span>
      ))}
      {failed.map((cluster) => (
        <Failed key={cluster.name} cluster={cluster} />
      ))}
      {errors > 0 && failed.length === 0 && <span className="chip bad">{errors === 1 ? '1 error' : `${errors} errors`}</span>}
    </>
  )
}

function Failed({ cluster: { name, status, message } }: { cluster: ClusterOutcome }) {
  return (
    <span className="chip bad" title={message}>
      {name} {status.replace(/^CLUSTER_/, '').replace('_', ' ').toLowerCase()}
    </span>
  )
}

function size(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} kB`
}
