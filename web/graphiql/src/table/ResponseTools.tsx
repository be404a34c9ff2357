import { DropdownMenu, useGraphiQL } from '@graphiql/react'
import { useMemo } from 'react'
import { download } from '../request/download'
import { countHidden, revealed } from '../secrets/vault'
import { useValue } from '../value'
import { csvOf } from './csv'
import { useResponseText } from './responsetext'
import { tableOf } from './rows'
import { TableView } from './TableView'
import { view } from './view'

/** What can be done with a response: see it as a table, download it, show the hidden values of Secrets. */
export function ResponseTools() {
  const text = useResponseText()
  const { editor, name } = useGraphiQL((state) => ({ editor: state.responseEditor, name: state.operationName }))
  const chosen = useValue(view)
  const isTable = chosen === 'table'
  const table = useMemo(() => (isTable ? tableOf(text) : null), [isTable, text])
  const hidden = useMemo(() => countHidden(text), [text])
  if (!text) return null
  const file = name ?? 'response'
  const saveTable = () => {
    const whole = tableOf(text)
    if (whole) download(`${file}.csv`, 'text/csv', csvOf(whole))
  }
  return (
    <>
      <div className="response-tools">
        <div className="choice" role="group" aria-label="View of the response">
          <button className="control" aria-pressed={!isTable} onClick={() => view.set('json')}>
            JSON
          </button>
          <button className="control" aria-pressed={isTable} onClick={() => view.set('table')}>
            Table
          </button>
        </div>
        <DropdownMenu>
          <DropdownMenu.Button className="control">Download ▾</DropdownMenu.Button>
          <DropdownMenu.Content align="start">
            <DropdownMenu.Item onSelect={() => download(`${file}.json`, 'application/json', text)}>JSON: the response</DropdownMenu.Item>
            <DropdownMenu.Item onSelect={saveTable}>CSV: its list as a table</DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu>
        {hidden > 0 && (
          <button className="control" onClick={() => editor?.setValue(revealed(text))}>
            {hidden === 1 ? 'Show 1 secret value' : `Show ${hidden} secret values`}
          </button>
        )}
      </div>
      {isTable && (table ? <TableView table={table} /> : <p className="table-view table-note">This response has no list.</p>)}
    </>
  )
}
