import { type Table, textOf, valuesAt } from './rows'

/** Texts that a spreadsheet would take for a formula. */
const FORMULA = /^[=+\-@\t\r]/
const NUMBER = /^[+-]?\d+(\.\d+)?$/

/** Returns a table as CSV (RFC 4180), with texts that begin like a formula behind an apostrophe. */
export function csvOf({ columns, rows }: Table): string {
  const lines = rows.map((row) => columns.map(({ path }) => valuesAt(row, path).map(textOf).join(', ')))
  return [columns.map(({ name }) => name), ...lines].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('')
}

function cell(text: string): string {
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
