import type { Monaco } from '../monaco'
import type { GraphQLSchema } from 'graphql'
import type { editor, IRange, languages, Position } from 'monaco-editor'
import { calls } from './calls'
import { entriesAt, pathStrings } from './pathstrings'
import { snippets } from './snippets'
import { type Suggestion, suggestions } from './suggest'

const TRIGGERS = ['"', '.', '[', '{']
const AGAIN = { id: 'editor.action.triggerSuggest', title: 'Suggest' }

/** Returns a provider that completes paths, and the input objects that hold them. GraphiQL completes everything else. */
export function completionProvider(monaco: Monaco, schema: GraphQLSchema): languages.CompletionItemProvider {
  return {
    triggerCharacters: TRIGGERS,
    provideCompletionItems(model, position, { triggerCharacter }) {
      const text = model.getValue()
      const offset = model.getOffsetAt(position)
      const path = pathStrings(text, schema).find(({ start, end }) => start <= offset && offset <= end)
      if (path) {
        if (!path.rows) return null
        const { found, typed } = suggestions(path.rows, text.slice(path.start, offset).replaceAll('\\"', '"'))
        const range = rangeBefore(model, position, typed)
        return { suggestions: found.map((suggestion, index) => item(monaco, suggestion, index, range)) }
      }
      const entries = entriesAt(calls(text, schema), offset)
      if (!entries?.typeName) return null
      const before = text.slice(entries.start, offset)
      const range = rangeBefore(model, position, /[_A-Za-z]*$/.exec(before)?.[0].length ?? 0)
      const found = snippets(entries, before, triggerCharacter === '{')
      return {
        suggestions: found.map(({ label, insert }, index) => ({
          label,
          insertText: insert,
          insertTextRules: monaco.languages.CompletionItemInsertTextRule.InsertAsSnippet,
          kind: insert.includes('$') ? monaco.languages.CompletionItemKind.Snippet : monaco.languages.CompletionItemKind.Property,
          sortText: sortKey(index),
          range,
          command: AGAIN,
        })),
      }
    },
  }
}

function item(monaco: Monaco, { label, detail, description, insert }: Suggestion, index: number, range: IRange): languages.CompletionItem {
  return {
    label,
    detail,
    documentation: { value: description },
    insertText: insert,
    kind: monaco.languages.CompletionItemKind.Field,
    sortText: sortKey(index),
    range,
  }
}

function rangeBefore(model: editor.ITextModel, position: Position, characters: number): IRange {
  const { lineNumber, column } = position
  const { endColumn } = model.getWordUntilPosition(position)
  return { startLineNumber: lineNumber, startColumn: column - characters, endLineNumber: lineNumber, endColumn: Math.max(column, endColumn) }
}

/** Returns a key that sorts in the order of the schema, before the suggestions of others. */
function sortKey(index: number): string {
  return `!${String(index).padStart(4, '0')}`
}
