import { useMemo, useState } from 'react'
import { valueBehind } from '../secrets/vault'
import { type Column, type Table, textOf, valuesAt } from './rows'

/** Rows that are drawn at first: more would hold the page for seconds. */
const DRAWN = 500

/** The list of the response as a table. */
export function TableView({ table }: { table: Table }) {
  const [isWhole, setIsWhole] = useState(false)
  const rows = isWhole ? table.rows : table.rows.slice(0, DRAWN)
  if (table.rows.length === 0) return <p className="table-note">The list is empty.</p>
  return (
    <div className="table-view" role="region" aria-label="Response as a table" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {table.columns.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {table.columns.map((column) => (
                <Cell key={column.name} row={row} column={column} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length < table.rows.length && (
        <p className="table-note">
          <button className="control" onClick={() => setIsWhole(true)}>
            Show all {table.rows.length} rows
          </button>
        </p>
      )}
    </div>
  )
}

function Cell({ row, column }: { row: Table['rows'][number]; column: Column }) {
  const values = useMemo(() => valuesAt(row, column.path), [row, column])
  const numeric = values.length > 0 && values.every((value) => typeof value === 'number')
  return (
    <td className={numeric ? 'number' : undefined}>
      {values.map((value, index) => (
        <span key={index}>
          {index > 0 && ', '}
          <Shown value={value} />
        </span>
      ))}
    </td>
  )
}

function Shown({ value }: { value: ReturnType<typeof valuesAt>[number] }) {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.entries(value).map(([key, inner], index) => (
      <span key={key}>
        {index > 0 && ', '}
        {key}=<Scalar value={inner} />
      </span>
    ))
  }
  return <Scalar value={value} />
}

/** A value, behind a click if it is a hidden one. */
function Scalar({ value }: { value: ReturnType<typeof valuesAt>[number] }) {
  const [isShown, setIsShown] = useState(false)
  const behind = valueBehind(value)
  if (behind === undefined) return <>{typeof value === 'object' && value !== null ? JSON.stringify(value) : textOf(value)}</>
  if (isShown) return <>{String(behind)}</>
  return (
    <button className="hidden-value" title="A value of a Secret" aria-label="Show the hidden value" onClick={() => setIsShown(true)}>
      ••••••
    </button>
  )
}
