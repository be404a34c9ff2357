import { DropdownMenu, useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import type { Example } from './examples'

/** Opens an example in a new tab, also when its first tab was closed or changed. */
export function ExamplesMenu({ examples }: { examples: Example[] }) {
  const { addTab } = useGraphiQLActions()
  const editors = useGraphiQL(({ queryEditor, variableEditor }) => ({ queryEditor, variableEditor }))
  const open = ({ query, variables }: Example) => {
    addTab()
    editors.queryEditor?.setValue(query)
    editors.variableEditor?.setValue(variables ?? '')
  }
  return (
    <DropdownMenu>
      <DropdownMenu.Button className="control">Examples ▾</DropdownMenu.Button>
      <DropdownMenu.Content align="start">
        {examples.map((example) => (
          <DropdownMenu.Item key={example.title} onSelect={() => open(example)}>
            {example.title}
          </DropdownMenu.Item>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu>
  )
}
