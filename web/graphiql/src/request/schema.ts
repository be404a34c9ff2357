import type { GraphQLSchema } from 'graphql'
import { Value } from '../value'

/** The schema as the page has it; null before it is loaded. */
export const knownSchema = new Value<GraphQLSchema | null>(null)
