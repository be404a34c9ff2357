import { useGraphiQL } from '@graphiql/react'
import { useEffect } from 'react'

const LOOK = { fontSize: 13, wordWrap: 'on', fontFamily: "'Fira Code', ui-monospace, monospace" } as const

/** Sets options of the editors that GraphiQL has no properties for: a smaller font, wrapped lines, names for screen readers. */
export function EditorOptions() {
  const { queryEditor, variableEditor, responseEditor } = useGraphiQL((state) => ({
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
    responseEditor: state.responseEditor,
  }))
  useEffect(() => {
    queryEditor?.updateOptions({ ...LOOK, ariaLabel: 'Operation' })
  }, [queryEditor])
  useEffect(() => {
    variableEditor?.updateOptions({ ...LOOK, ariaLabel: 'Variables as JSON' })
  }, [variableEditor])
  useEffect(() => {
    responseEditor?.updateOptions({ ...LOOK, ariaLabel: 'Response' })
  }, [responseEditor])
  return null
}
