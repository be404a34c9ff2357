import { isMacOs, useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { useEffect, useRef } from 'react'

/** Handles the keys of the whole page, before the editors see them; and puts the cursor into a new tab. */
export function PageKeys() {
  const { introspect, run } = useGraphiQLActions()
  const { tabs, queryEditor } = useGraphiQL((state) => ({ tabs: state.tabs.length, queryEditor: state.queryEditor }))
  const known = useRef(tabs)
  useEffect(() => {
    if (tabs > known.current) queryEditor?.focus()
    known.current = tabs
  }, [tabs, queryEditor])
  useEffect(() => {
    const handle = (event: KeyboardEvent) => {
      if (isKey(event, 'KeyK', isMacOs ? 'metaKey' : 'ctrlKey')) {
        showDocumentation()
        requestAnimationFrame(focusSearch)
      } else if (isKey(event, 'KeyR', 'altKey', 'shiftKey')) {
        introspect()
      } else if (isKey(event, 'Enter', isMacOs ? 'metaKey' : 'ctrlKey') && !hasOwnKeys(event.target)) {
        void run()
      } else {
        return
      }
      event.preventDefault()
      event.stopPropagation()
    }
    window.addEventListener('keydown', handle, true)
    return () => window.removeEventListener('keydown', handle, true)
  }, [introspect, run])
  return null
}

type Modifier = 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey'
const MODIFIERS: readonly Modifier[] = ['altKey', 'ctrlKey', 'metaKey', 'shiftKey']

/** Returns whether an event is this key with exactly these modifiers. The code counts: Option changes the character on a Mac. */
function isKey(event: KeyboardEvent, code: string, ...held: Modifier[]): boolean {
  return event.code === code && MODIFIERS.every((modifier) => event[modifier] === held.includes(modifier))
}

/** Returns whether an element is in an editor, which runs the operation itself, or in a dialog. */
function hasOwnKeys(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('.monaco-editor, [role=dialog]') !== null
}

/** GraphiQL opens the place of plugins by a click on their buttons alone. */
function showDocumentation(): void {
  document.querySelector<HTMLElement>('.graphiql-sidebar [aria-label="Show Documentation Explorer"]')?.click()
}

function focusSearch(): void {
  document.querySelector<HTMLInputElement>('.graphiql-doc-explorer-search input')?.focus()
}
