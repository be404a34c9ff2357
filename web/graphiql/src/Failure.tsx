import { Component, type ReactNode } from 'react'

/** Replaces a page that failed by the error and the way out. */
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
