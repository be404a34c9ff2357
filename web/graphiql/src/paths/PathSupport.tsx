import { useGraphiQL, useMonaco } from '@graphiql/react'
import { useEffect } from 'react'
import { completionProvider } from './completion'
import { fixProvider, showFindings } from './markers'

/** Milliseconds without a key after which paths are checked. */
const PAUSE_MS = 300
const EDITOR = { wordBasedSuggestions: 'off', quickSuggestions: { strings: true, other: true, comments: false } } as const

/** Completes and checks the paths in the operation: in `where`, `orderBy`, `groups` and the figures of groups. */
export function PathSupport() {
  const monaco = useMonaco((state) => state.monaco)
  const { queryEditor, schema } = useGraphiQL((state) => ({ queryEditor: state.queryEditor, schema: state.schema }))
  useEffect(() => {
    const model = queryEditor?.getModel()
    if (!monaco || !queryEditor || !model || !schema) return
    queryEditor.updateOptions(EDITOR)
    let timer = 0
    const check = () => showFindings(monaco, model, schema)
    check()
    const disposables = [
      monaco.languages.registerCompletionItemProvider('graphql', completionProvider(monaco, schema)),
      monaco.languages.registerCodeActionProvider('graphql', fixProvider(schema)),
      model.onDidChangeContent(() => {
        clearTimeout(timer)
        timer = window.setTimeout(check, PAUSE_MS)
      }),
    ]
    return () => {
      clearTimeout(timer)
      for (const disposable of disposables) disposable.dispose()
    }
  }, [monaco, queryEditor, schema])
  return null
}
