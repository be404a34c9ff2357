import { useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { useEffect } from 'react'
import { takeLinked } from './link'

/** Opens the operation of a link in a new tab. It is not run: a link must not act for its reader. */
export function SharedLink() {
  const { addTab } = useGraphiQLActions()
  const { queryEditor, variableEditor } = useGraphiQL((state) => ({ queryEditor: state.queryEditor, variableEditor: state.variableEditor }))
  useEffect(() => {
    if (!queryEditor || !variableEditor) return
    const open = () => {
      const linked = takeLinked()
      if (!linked) return
      addTab()
      queryEditor.setValue(linked.query)
      variableEditor.setValue(linked.variables)
    }
    open()
    window.addEventListener('hashchange', open)
    return () => window.removeEventListener('hashchange', open)
  }, [queryEditor, variableEditor, addTab])
  return null
}
