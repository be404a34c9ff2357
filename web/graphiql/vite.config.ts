import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { docExplorer } from './docexplorer'
import { fontFiles } from './fontfiles'
import { quietExplorer } from './quietexplorer'

// Everything is served by fleetgraph itself under /graphiql: no inline script, nothing as data:, no other origin.
export default defineConfig({
  base: '/graphiql/',
  clearScreen: false,
  plugins: [react(), fontFiles(), quietExplorer(), docExplorer()],
  worker: { format: 'es' },
  build: {
    emptyOutDir: true, // the folder is named by web/build.py
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 5_000,
    reportCompressedSize: false,
    license: { fileName: 'licenses.md' },
    target: 'es2022',
  },
})
