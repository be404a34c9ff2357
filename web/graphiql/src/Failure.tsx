import { Component, type ReactNode } from 'react'

/** Instead of an empty page, should the page itself fail: what to do, and what to report. */
export class Failure extends Component<{ children: ReactNode }, { message: string | null }> {
  override state = { message: null }

  static getDerivedStateFromError(error: unknown): { message: string } {
    return { message: error instanceof Error ? error.message : String(error) }
  }

  override render(): ReactNode {
    if (this.state.message === null) return this.props.children
    return (
      <div role="alert" className="loading">
        <p>GraphiQL failed: {this.state.message}</p>
        <p>
          <a href="/graphiql">Load it again</a>. The API itself is POST /graphql.
        </p>
      </div>
    )
  }
}
