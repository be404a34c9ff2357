// The place of Monaco's workers.
interface Window {
  MonacoEnvironment?: { getWorker(id: string, label: string): Worker }
}
