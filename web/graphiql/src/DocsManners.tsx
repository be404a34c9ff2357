import { useDocExplorer } from '@graphiql/plugin-doc-explorer'
import { useEffect } from 'react'

/** Opens each page of the documentation at its top, and external links in a new tab. */
export function DocsManners() {
  const pages = useDocExplorer()
  useEffect(() => {
    document.querySelector('.graphiql-plugin')?.scrollTo(0, 0)
  }, [pages])
  useEffect(() => {
    document.addEventListener('click', openBeside, true)
    return () => document.removeEventListener('click', openBeside, true)
  }, [])
  return null
}

function openBeside({ target }: MouseEvent): void {
  const link = target instanceof Element ? target.closest('a') : null
  if (!link?.href || link.origin === location.origin) return
  link.target = '_blank'
  link.rel = 'noopener noreferrer'
}
