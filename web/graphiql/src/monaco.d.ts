// Where Monaco looks for its workers.
interface Window {
  MonacoEnvironment?: { getWorker(id: string, label: string): Worker }
}
