import { notice } from './notice'

/** Copies a text, and says so above the response. Without HTTPS, browsers have the older way alone. */
export async function copy(text: string, message: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    notice.set(message)
  } catch {
    notice.set(copyBySelection(text) ? message : 'The browser does not allow this page to copy.')
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea')
  area.value = text
  document.body.append(area)
  area.select()
  const isCopied = document.execCommand('copy')
  area.remove()
  return isCopied
}
