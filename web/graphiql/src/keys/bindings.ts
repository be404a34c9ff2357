import { isMacOs, KEY_MAP, KeyCode, KeyMod } from '@graphiql/react'

/**
 * Replaces GraphiQL's keys that do not reach the page: on Linux and Windows they need the Windows key, and browsers keep
 * Shift+Ctrl+P, Shift+Ctrl+C and Shift+Ctrl+M for themselves. Must run before GraphiQL's own modules, which copy the names.
 */
const KEYS: Readonly<Record<'prettify' | 'mergeFragments' | 'copyQuery', [string, number]>> = {
  prettify: ['Shift-Alt-F', KeyMod.Shift | KeyMod.Alt | KeyCode.KeyF],
  mergeFragments: ['Shift-Alt-M', KeyMod.Shift | KeyMod.Alt | KeyCode.KeyM],
  copyQuery: ['Shift-Alt-C', KeyMod.Shift | KeyMod.Alt | KeyCode.KeyC],
}

interface Binding {
  key: string
  keybindings?: number[]
}

const bindings = KEY_MAP as unknown as Readonly<Record<string, Binding>>
for (const [name, [key, code]] of Object.entries(KEYS)) {
  const binding = bindings[name]
  if (!binding) continue
  binding.key = isMacOs ? key.replace('Alt', 'Option') : key
  binding.keybindings?.splice(0, Infinity, code)
}
if (bindings.searchInDocs) bindings.searchInDocs.key = 'Ctrl-K'
if (bindings.refetchSchema) bindings.refetchSchema.key = isMacOs ? 'Shift-Option-R' : 'Shift-Alt-R'
if (bindings.autoComplete) bindings.autoComplete.key = 'Ctrl-Space'
