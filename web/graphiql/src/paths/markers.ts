import type { Monaco } from '../monaco'
import type { GraphQLSchema } from 'graphql'
import type { editor, IRange, languages } from 'monaco-editor'
import { type Finding, findings } from './check'

const OWNER = 'fleetgraph-paths'

/** Marks the invalid paths of a document. */
export function showFindings(monaco: Monaco, model: editor.ITextModel, schema: GraphQLSchema): void {
  if (model.isDisposed()) return
  const severity = monaco.MarkerSeverity.Error
  const markers = findings(model.getValue(), schema).map((finding) => ({ ...rangeOf(model, finding), message: finding.message, severity, source: 'fleetgraph' }))
  monaco.editor.setModelMarkers(model, OWNER, markers)
}

/** Returns a provider of quick fixes: the nearest valid paths. */
export function fixProvider(schema: GraphQLSchema): languages.CodeActionProvider {
  return {
    provideCodeActions(model, range) {
      const start = model.getOffsetAt({ lineNumber: range.startLineNumber, column: range.startColumn })
      const touched = findings(model.getValue(), schema).filter((finding) => finding.start <= start && start <= finding.end)
      const actions = touched.flatMap((finding) => finding.nearest.map((near) => fix(model, finding, near)))
      return { actions, dispose: () => undefined }
    },
  }
}

function fix(model: editor.ITextModel, finding: Finding, near: string): languages.CodeAction {
  const text = near.replaceAll('"', '\\"')
  const textEdit = { range: rangeOf(model, finding), text }
  return { title: `Change to ${near}`, kind: 'quickfix', edit: { edits: [{ resource: model.uri, textEdit, versionId: undefined }] } }
}

function rangeOf(model: editor.ITextModel, { start, end }: Finding): IRange {
  const [from, to] = [model.getPositionAt(start), model.getPositionAt(end)]
  return { startLineNumber: from.lineNumber, startColumn: from.column, endLineNumber: to.lineNumber, endColumn: to.column }
}
