import { ToolbarButton, tryParseJSONC, useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { copy } from './clipboard'
import { curlCommand } from './curl'
import { explaining } from './explaining'
import { linkTo } from './link'
import { notice } from './notice'

/** Buttons beside the operation: explain it, share it, copy it as a command. */
export function RequestTools({ isTokenNeeded }: { isTokenNeeded: boolean }) {
  const { run } = useGraphiQLActions()
  const { queryEditor, variableEditor, headerEditor, operationName } = useGraphiQL((state) => ({
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
    headerEditor: state.headerEditor,
    operationName: state.operationName,
  }))
  const linked = () => ({ query: queryEditor?.getValue() ?? '', variables: variableEditor?.getValue() ?? '' })
  const explain = () => {
    explaining.set(true)
    run()
  }
  const share = () => void copy(linkTo(linked()), 'Link copied. It holds the operation and its variables, and no token.')
  const copyCommand = () => {
    try {
      const { query, variables } = linked()
      const body = { query, operationName, variables: tryParseJSONC(variables) }
      const command = curlCommand(body, tryParseJSONC(headerEditor?.getValue()) ?? {}, isTokenNeeded)
      void copy(command, isTokenNeeded ? 'Command copied. It reads the token from $FLEETGRAPH_TOKEN.' : 'Command copied.')
    } catch (error) {
      notice.set(`Not copied: variables or headers are not JSON. ${error instanceof Error ? error.message : ''}`)
    }
  }
  return (
    <>
      <ToolbarButton label="Explain: run it, and show its requests, filters and cost" onClick={explain}>
        <Icon path="M3 4h7M3 10h4M3 16h7M13 7l4 3-4 3" />
      </ToolbarButton>
      <ToolbarButton label="Share: copy a link to this operation" onClick={share}>
        <Icon path="M8 12l4-4M7 9l-2.5 2.5a2.8 2.8 0 0 0 4 4L11 13M13 11l2.5-2.5a2.8 2.8 0 0 0-4-4L9 7" />
      </ToolbarButton>
      <ToolbarButton label="Copy as curl" onClick={copyCommand}>
        <Icon path="M3 5l5 5-5 5M10 15h7" />
      </ToolbarButton>
    </>
  )
}

function Icon({ path }: { path: string }) {
  return (
    <svg className="graphiql-toolbar-icon" viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={path} />
    </svg>
  )
}
