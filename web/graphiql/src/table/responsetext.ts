import { useGraphiQL } from '@graphiql/react'
import { useSyncExternalStore } from 'react'

/** Returns the response as it is shown, also while it grows. */
export function useResponseText(): string {
  const editor = useGraphiQL((state) => state.responseEditor)
  return useSyncExternalStore(
    (listener) => {
      const listening = editor?.onDidChangeModelContent(listener)
      return () => listening?.dispose()
    },
    () => editor?.getModel()?.getValue() ?? '',
  )
}
