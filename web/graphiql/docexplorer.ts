import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

const SOURCES = fileURLToPath(new URL('./src/docs/', import.meta.url))
const SEARCH = 'getSearchResults = useSearchResults()'
const OVERVIEW = /plugin-doc-explorer\/dist\/components\/schema-documentation\.js$/

/** Replaces two parts of the documentation that have no properties: the results of its search, and its first page. */
export function docExplorer(): Plugin {
  return {
    name: 'doc-explorer',
    enforce: 'pre',
    transform(code, id) {
      if (OVERVIEW.test(id)) return `export { SchemaOverview as SchemaDocumentation } from ${JSON.stringify(`${SOURCES}SchemaOverview.tsx`)}`
      if (!id.includes('plugin-doc-explorer/dist/components/search.js')) return null
      if (!code.includes(SEARCH)) this.error(`'${SEARCH}' is not in ${id}`)
      const ranked = `import { useRankedResults } from ${JSON.stringify(`${SOURCES}ranked.ts`)}\n`
      return ranked + code.replace(SEARCH, 'getSearchResults = useRankedResults()')
    },
  }
}
