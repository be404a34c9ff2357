import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  getOperationAST,
  type GraphQLNamedType,
  type GraphQLSchema,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import { fieldsOf } from '../paths/types'

/** A field of a document, with the type that it is selected of; undefined if the schema does not have it. */
export interface Selected {
  node: FieldNode
  parent: GraphQLNamedType | undefined
  /** Whether it belongs to a Secret, at any depth. */
  isInSecret: boolean
}

export const SECRET = 'Secret'

/** The fields of an operation, found by the keys of its response. */
export class Selections {
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>

  constructor(
    private readonly document: DocumentNode,
    private readonly schema: GraphQLSchema | null,
  ) {
    const definitions = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
    this.fragments = new Map(definitions.map((definition) => [definition.name.value, definition]))
  }

  /** Returns the fields of the root: of the named operation, or of the only one. */
  root(operationName: string | undefined): Selected[] {
    const operation = getOperationAST(this.document, operationName)
    if (!operation) return []
    return this.fields(operation.selectionSet, this.schema?.getRootType(operation.operation) ?? undefined, false)
  }

  /** Returns the fields below some fields with the same key. */
  below(selected: readonly Selected[]): Selected[] {
    return selected.flatMap(({ node, parent, isInSecret }) => {
      const field = fieldsOf(parent)[node.name.value]
      const type = field && getNamedType(field.type)
      return node.selectionSet ? this.fields(node.selectionSet, type, isInSecret) : []
    })
  }

  private fields({ selections }: SelectionSetNode, parent: GraphQLNamedType | undefined, isInSecret: boolean): Selected[] {
    return selections.flatMap((selection): Selected[] => {
      if (selection.kind === Kind.FIELD) return [{ node: selection, parent, isInSecret: isInSecret || parent?.name === SECRET }]
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? this.fragments.get(selection.name.value) : selection
      const condition = fragment?.typeCondition?.name.value
      return fragment ? this.fields(fragment.selectionSet, condition ? this.schema?.getType(condition) : parent, isInSecret) : []
    })
  }
}

/** Returns the key of a field in the response. */
export function keyOf({ node }: Selected): string {
  return node.alias?.value ?? node.name.value
}
