import { useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import type { ChangeEvent } from 'react'

/** Dark, light, or the system's theme; GraphiQL stores the choice. */
export function ThemePicker() {
  const { setTheme } = useGraphiQLActions()
  const theme = useGraphiQL((state) => state.theme)
  const choose = ({ target: { value } }: ChangeEvent<HTMLSelectElement>) =>
    setTheme(value === 'dark' || value === 'light' ? value : null)
  return (
    <select className="control" aria-label="Theme" value={theme ?? 'system'} onChange={choose}>
      <option value="system">System</option>
      <option value="light">Light</option>
      <option value="dark">Dark</option>
    </select>
  )
}
