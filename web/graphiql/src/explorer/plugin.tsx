import { explorerPlugin } from '@graphiql/plugin-explorer'
import type { GraphiQLPlugin } from '@graphiql/react'
import { useEffect, useRef, useState } from 'react'
import { filterFields } from './filter'

const EXPLORER = explorerPlugin({ showAttribution: false })
const Tree = EXPLORER.content

/** The explorer, with a field that leaves the fields whose names contain a text, those around them and those below. */
export const SEARCHED_EXPLORER: GraphiQLPlugin = { ...EXPLORER, content: SearchedExplorer }

function SearchedExplorer() {
  const [text, setText] = useState('')
  const tree = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const root = tree.current
    if (!root) return
    const apply = () => filterFields(root, text.trim().toLowerCase())
    apply()
    root.closest('.graphiql-plugin')?.scrollTo(0, 0)
    const observer = new MutationObserver(apply)
    observer.observe(root, { childList: true, subtree: true })
    return () => observer.disconnect()
  }, [text])
  return (
    <>
      <input
        className="control explorer-search"
        type="search"
        placeholder="Search fields"
        aria-label="Search fields"
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <div ref={tree}>
        <Tree />
      </div>
    </>
  )
}
