import { DOC_EXPLORER_PLUGIN, DocExplorerStore } from '@graphiql/plugin-doc-explorer'
import { explorerPlugin } from '@graphiql/plugin-explorer'
import { HISTORY_PLUGIN, HistoryStore } from '@graphiql/plugin-history'
import { GraphiQLProvider } from '@graphiql/react'
import { GraphiQL, GraphiQLInterface } from 'graphiql'
import { useMemo } from 'react'
import { AnswerStrip } from './AnswerStrip'
import type { Config } from './config'
import { DocsManners } from './DocsManners'
import { EditorOptions } from './EditorOptions'
import { examples } from './examples'
import { createFetcher } from './fetcher'
import { Header } from './Header'
import { PathSupport } from './paths/PathSupport'

const EXPLORER_PLUGIN = explorerPlugin({ showAttribution: false })
const PLUGINS = [DOC_EXPLORER_PLUGIN, EXPLORER_PLUGIN, HISTORY_PLUGIN]

/** GraphiQL with our header and, above each response, the state of its clusters. */
export function App({ config }: { config: Config }) {
  const fetcher = useMemo(() => createFetcher(config), [config])
  const tabs = useMemo(() => examples(config.demo), [config])
  return (
    <GraphiQLProvider
      fetcher={fetcher}
      plugins={PLUGINS}
      referencePlugin={DOC_EXPLORER_PLUGIN}
      defaultTabs={tabs.map(({ query, variables }) => ({ query, variables: variables ?? null, headers: null }))}
      defaultQuery=""
      shouldPersistHeaders={false}
      inputValueDeprecation
      schemaDescription
    >
      <HistoryStore maxHistoryLength={50}>
        <DocExplorerStore>
          <EditorOptions />
          <PathSupport />
          <DocsManners />
          <Header config={config} examples={tabs} />
          <main>
            <GraphiQLInterface isHeadersEditorEnabled={false} showPersistHeadersSettings={false}>
              <GraphiQL.Logo>{null}</GraphiQL.Logo>
              <GraphiQL.Footer>
                <AnswerStrip />
              </GraphiQL.Footer>
            </GraphiQLInterface>
          </main>
        </DocExplorerStore>
      </HistoryStore>
    </GraphiQLProvider>
  )
}
