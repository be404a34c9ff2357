import { Value } from '../value'

/** A sentence about the last action, above the response. */
export const notice = new Value('')
