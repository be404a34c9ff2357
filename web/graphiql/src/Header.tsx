import type { Config } from './config'
import type { Example } from './examples'
import { ExamplesMenu } from './ExamplesMenu'
import icon from './icon.svg'
import { ThemePicker } from './ThemePicker'
import { TokenField, TokenReason } from './TokenField'

/** The bar above GraphiQL: name, examples, token, theme, links. */
export function Header({ config, examples }: { config: Config; examples: Example[] }) {
  return (
    <header className="bar">
      <a className="name" href="/" title={config.version ? `fleetgraph ${config.version}` : 'fleetgraph'}>
        <img src={icon} alt="" width="22" height="22" />
        fleetgraph
      </a>
      {config.demo && <span className="chip demo">demo fleet</span>}
      <ExamplesMenu examples={examples} />
      <span className="space" />
      {config.tokenRequired && <TokenField />}
      <ThemePicker />
      <nav aria-label="fleetgraph">
        <a href="/">Clusters</a>
        <a href="/docs/graphiql">Docs</a>
        <a href="/schema.graphql">Schema</a>
      </nav>
      {config.tokenRequired && <TokenReason />}
    </header>
  )
}
