import type * as monaco from 'monaco-editor'

/** The module of the editor, which GraphiQL loads late. */
export type Monaco = typeof monaco
