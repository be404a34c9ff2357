import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  getOperationAST,
  getVariableValues,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import { fieldsOf, rowsOf } from '../paths/types'

/** A field of a document, with the type that it is selected of; undefined if the schema does not have it. */
export interface Selected {
  node: FieldNode
  parent: GraphQLNamedType | undefined
  /** Whether it belongs to a Secret, or to an object that may be one, at any depth. */
  isInSecret: boolean
  /** The nearest list that it is in. */
  list: List | undefined
}

/** A field with a connection, and its type. */
export interface List extends Selected {
  type: GraphQLNamedType
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
    return this.fields(operation.selectionSet, this.schema?.getRootType(operation.operation) ?? undefined, false, undefined)
  }

  /** Returns the variables of an operation, with their defaults. */
  variables(operationName: string | undefined, given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const definitions = getOperationAST(this.document, operationName)?.variableDefinitions
    return (this.schema && definitions && getVariableValues(this.schema, definitions, given).coerced) ?? given
  }

  /** Returns the fields below some fields with the same key. */
  below(selected: readonly Selected[]): Selected[] {
    return selected.flatMap((above) => {
      const { node, parent, isInSecret, list } = above
      const field = fieldsOf(parent)[node.name.value]
      const type = field && getNamedType(field.type)
      return node.selectionSet ? this.fields(node.selectionSet, type, isInSecret, type && rowsOf(type) ? { ...above, type } : list) : []
    })
  }

  private fields({ selections }: SelectionSetNode, parent: GraphQLNamedType | undefined, isInSecret: boolean, list: List | undefined): Selected[] {
    return selections.flatMap((selection): Selected[] => {
      if (selection.kind === Kind.FIELD) return [{ node: selection, parent, isInSecret: isInSecret || this.mayBeSecret(parent), list }]
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? this.fragments.get(selection.name.value) : selection
      const condition = fragment?.typeCondition?.name.value
      return fragment ? this.fields(fragment.selectionSet, condition ? this.schema?.getType(condition) : parent, isInSecret, list) : []
    })
  }

  private mayBeSecret(type: GraphQLNamedType | undefined): boolean {
    if (!type || type.name === SECRET) return true
    const secret = isAbstractType(type) ? this.schema?.getType(SECRET) : undefined
    return isAbstractType(type) && isObjectType(secret) && this.schema?.isSubType(type, secret) === true
  }
}

/** Returns the key of a field in the response. */
export function keyOf({ node }: Selected): string {
  return node.alias?.value ?? node.name.value
}
