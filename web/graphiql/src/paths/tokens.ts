/** A token of GraphQL: a name, a string, a bracket or other punctuation, or another value. */
export interface Token {
  kind: 'name' | 'string' | 'punctuation' | 'value'
  text: string
  start: number
  /** The place behind the last character. */
  end: number
}

// A string that is not closed ends with its line, as in a document that somebody is writing.
const TOKEN = new RegExp(
  [
    String.raw`(?<comment>#[^\n]*)`,
    String.raw`(?<block>"""(?:[^"]|"(?!""))*(?:"""|$))`,
    String.raw`(?<string>"(?:[^"\\\n]|\\.)*\\?"?)`,
    String.raw`(?<name>[_A-Za-z][_0-9A-Za-z]*)`,
    String.raw`(?<punctuation>\.\.\.|[{}()[\]:=!|&@])`,
    String.raw`(?<value>\$[_0-9A-Za-z]*|-?[0-9][0-9A-Za-z.+-]*)`,
  ].join('|'),
  'g',
)

/** Returns the tokens of a document, valid or not. Comments, commas and unknown characters are left out. */
export function tokens(text: string): Token[] {
  const found: Token[] = []
  for (const match of text.matchAll(TOKEN)) {
    const groups = match.groups ?? {}
    if (groups.comment !== undefined) continue
    const kind = groups.string !== undefined ? 'string' : groups.name !== undefined ? 'name' : groups.punctuation !== undefined ? 'punctuation' : 'value'
    found.push({ kind, text: match[0], start: match.index, end: match.index + match[0].length })
  }
  return found
}
