import { Value } from '../value'

/** Whether the response is shown as JSON or as a table. */
export const view = new Value<'json' | 'table'>('json')
