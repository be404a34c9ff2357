/** A step of a path: a field's name, a key of a map, or the element of a list whose field has a value. */
export type Step =
  | { kind: 'name'; text: string; end: number }
  | { kind: 'key'; text: string; end: number }
  | { kind: 'pick'; field: string; text: string; end: number }

const STEP = /(?:^|(?<=.)\.)(?<name>[_A-Za-z][_0-9A-Za-z]*)|\[(?<key>"(?:[^"\\]|\\.)*")\]|\[(?<field>[_A-Za-z][_0-9A-Za-z]*)=(?:"(?:[^"\\]|\\.)*"|[^\]"]+)\]/y

/** Returns the steps of a path, and the place of its first character that fits no step; null if all fit. */
export function stepsOf(text: string): { steps: Step[]; wrongAt: number | null } {
  const steps: Step[] = []
  let place = 0
  while (place < text.length) {
    STEP.lastIndex = place
    const match = STEP.exec(text)
    if (!match || (steps.length === 0 && match.groups?.name === undefined)) return { steps, wrongAt: place }
    place = STEP.lastIndex
    steps.push(step(match.groups ?? {}, match[0], place))
  }
  return { steps, wrongAt: null }
}

function step({ name, key, field }: Record<string, string | undefined>, text: string, end: number): Step {
  if (name !== undefined) return { kind: 'name', text: name, end }
  if (field !== undefined) return { kind: 'pick', field, text, end }
  return { kind: 'key', text: key ?? '', end }
}
