import { useGraphiQL } from '@graphiql/react'
import { useEffect } from 'react'

/** Opens the variables' editor when a tab that has variables is chosen; it is closed at first. */
export function Variables() {
  const { id, variables } = useGraphiQL(({ tabs, activeTabIndex }) => ({
    id: tabs[activeTabIndex]?.id,
    variables: tabs[activeTabIndex]?.variables,
  }))
  const hasVariables = Boolean(variables?.trim())
  useEffect(() => {
    if (hasVariables) showVariables()
  }, [id, hasVariables])
  return null
}

/** GraphiQL has no action for it, but its own button. */
function showVariables(): void {
  const isHidden = document.querySelector('.graphiql-toggle-editor-tools')?.getAttribute('aria-label')?.startsWith('Show')
  if (isHidden) document.querySelector<HTMLElement>('.graphiql-editor-tools [data-name=variables]')?.click()
}
