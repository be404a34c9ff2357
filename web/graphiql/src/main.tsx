import '@graphiql/react/font/fira-code.css'
import '@graphiql/react/style.css'
import 'graphiql/graphiql.css'
import '@graphiql/plugin-doc-explorer/style.css'
import '@graphiql/plugin-history/style.css'
import '@graphiql/plugin-explorer/style.css'
import './workers'
import './keys/bindings'
import './theme.css'
import './page.css'
import './response.css'
import './plugins.css'
import './narrow.css'
import { createRoot } from 'react-dom/client'
import { App } from './App'
import { fetchConfig } from './config'
import { apiGroups } from './docs/kinds'
import { Failure } from './Failure'

const root = document.getElementById('root')
if (root) {
  const config = await fetchConfig()
  apiGroups.set(config.kinds)
  createRoot(root).render(
    <Failure>
      <App config={config} />
    </Failure>,
  )
}
