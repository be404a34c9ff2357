import { DOC_EXPLORER_PLUGIN, DocExplorerStore } from '@graphiql/plugin-doc-explorer'
import { HISTORY_PLUGIN, HistoryStore } from '@graphiql/plugin-history'
import { GraphiQLProvider } from '@graphiql/react'
import { GraphiQL, GraphiQLInterface } from 'graphiql'
import { useMemo } from 'react'
import { AnswerStrip } from './AnswerStrip'
import type { Config } from './config'
import { defaultFields } from './defaultfields'
import { DocsManners } from './DocsManners'
import { EditorOptions } from './EditorOptions'
import { examples } from './examples'
import { SEARCHED_EXPLORER } from './explorer/plugin'
import { createFetcher } from './fetcher'
import { Header } from './Header'
import { PageKeys } from './keys/PageKeys'
import { Variables } from './keys/Variables'
import { PathSupport } from './paths/PathSupport'
import { RequestTools } from './request/RequestTools'
import { knownSchema } from './request/schema'
import { SharedLink } from './request/SharedLink'
import { storage } from './storage'
import { ResponseTools } from './table/ResponseTools'

const PLUGINS = [DOC_EXPLORER_PLUGIN, SEARCHED_EXPLORER, HISTORY_PLUGIN]

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
      getDefaultFieldNames={defaultFields}
      onSchemaChange={knownSchema.set}
      storage={storage}
      inputValueDeprecation
      schemaDescription
    >
      <HistoryStore maxHistoryLength={50}>
        <DocExplorerStore>
          <EditorOptions />
          <PathSupport />
          <PageKeys />
          <Variables />
          <SharedLink />
          <DocsManners />
          <Header config={config} examples={tabs} />
          <main>
            <GraphiQLInterface showPersistHeadersSettings={false}>
              <GraphiQL.Logo>{null}</GraphiQL.Logo>
              <GraphiQL.Toolbar>
                {({ prettify, merge, copy }) => (
                  <>
                    {prettify}
                    {merge}
                    {copy}
                    <RequestTools isTokenNeeded={config.tokenRequired} />
                  </>
                )}
              </GraphiQL.Toolbar>
              <GraphiQL.Footer>
                <AnswerStrip />
                <ResponseTools />
              </GraphiQL.Footer>
            </GraphiQLInterface>
          </main>
        </DocExplorerStore>
      </HistoryStore>
    </GraphiQLProvider>
  )
}
