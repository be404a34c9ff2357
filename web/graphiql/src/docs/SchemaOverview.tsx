import { ExplorerSection, TypeLink } from '@graphiql/plugin-doc-explorer'
import { MarkdownContent } from '@graphiql/react'
import type { GraphQLNamedType, GraphQLSchema } from 'graphql'
import { useMemo } from 'react'
import { useValue } from '../value'
import { apiGroups, isKind, kindGroups } from './kinds'

/** The first page of the documentation: root types, kinds by API group, and all other types. */
export function SchemaOverview({ schema }: { schema: GraphQLSchema }) {
  const known = useValue(apiGroups)
  const groups = useMemo(() => kindGroups(schema), [schema, known])
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const others = Object.values(schema.getTypeMap()).filter((type) => !isKind(type) && !type.name.startsWith('__') && !roots.some((root) => root === type))
  return (
    <>
      <MarkdownContent type="description">{schema.description ?? 'Kubernetes objects of many clusters.'}</MarkdownContent>
      <ExplorerSection title="Root Types">
        {roots.map((root, index) => root && <Root key={root.name} keyword={['query', 'mutation', 'subscription'][index] ?? ''} type={root} />)}
      </ExplorerSection>
      {groups.map(({ name, types }) => (
        <section key={name} className="kind-group" aria-label={name || 'core'}>
          <h3>{name || 'core'}</h3>
          <p>
            {types.map((type) => (
              <span key={type.name}>
                <TypeLink type={type} />
              </span>
            ))}
          </p>
        </section>
      ))}
      <ExplorerSection title="All Schema Types">
        {others.map((type) => (
          <div key={type.name}>
            <TypeLink type={type} />
          </div>
        ))}
      </ExplorerSection>
    </>
  )
}

function Root({ keyword, type }: { keyword: string; type: GraphQLNamedType }) {
  return (
    <div>
      <span className="graphiql-doc-explorer-root-type">{keyword}</span>: <TypeLink type={type} />
    </div>
  )
}
