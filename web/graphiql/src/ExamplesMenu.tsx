import { DropdownMenu, useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { useRef } from 'react'
import type { Example } from './examples'

/** Opens an example in a new tab, also when its first tab was closed or changed. */
export function ExamplesMenu({ examples }: { examples: Example[] }) {
  const { addTab } = useGraphiQLActions()
  const editors = useGraphiQL(({ queryEditor, variableEditor }) => ({ queryEditor, variableEditor }))
  const isChosen = useRef(false)
  const open = ({ query, variables }: Example) => {
    addTab()
    editors.queryEditor?.setValue(query)
    editors.variableEditor?.setValue(variables ?? '')
    isChosen.current = true
  }
  /** Leaves the cursor in the new tab; without a choice, the menu takes it back to its button. */
  const focusEditor = (event: Event) => {
    if (!isChosen.current) return
    isChosen.current = false
    event.preventDefault()
    editors.queryEditor?.focus()
  }
  return (
    <DropdownMenu>
      <DropdownMenu.Button className="control">Examples ▾</DropdownMenu.Button>
      <DropdownMenu.Content align="start" onCloseAutoFocus={focusEditor}>
        {examples.map((example) => (
          <DropdownMenu.Item key={example.title} onSelect={() => open(example)}>
            {example.title}
          </DropdownMenu.Item>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu>
  )
}
