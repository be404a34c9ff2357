import { Value } from '../value'

/** Whether the next operation asks for its explanation. */
export const explaining = new Value(false)

/** Returns whether this operation does, once. */
export function takeExplaining(): boolean {
  const isExplained = explaining.get()
  if (isExplained) explaining.set(false)
  return isExplained
}
