import { createHash } from 'node:crypto'
import type { Plugin } from 'vite'

const DATA_FONT = /url\(["']?data:font\/(\w+);base64,([^)"']+)["']?\)/g

/** Moves fonts out of a package's style sheet into files: loaded only when used, and no data: in the policy. */
export function fontFiles(): Plugin {
  return {
    name: 'font-files',
    generateBundle(_options, bundle) {
      for (const sheet of Object.values(bundle)) {
        if (sheet.type !== 'asset' || !sheet.fileName.endsWith('.css')) continue
        sheet.source = sheet.source.toString().replace(DATA_FONT, (_all, format: string, base64: string) => {
          const source = Buffer.from(base64, 'base64')
          const name = `font-${createHash('sha256').update(source).digest('hex').slice(0, 10)}.${format}`
          this.emitFile({ type: 'asset', fileName: `assets/${name}`, source })
          return `url(./${name})`
        })
      }
    },
  }
}
