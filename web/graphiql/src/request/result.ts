export interface Result {
  data?: Record<string, unknown> | null
  errors?: readonly { message: string }[]
}

/** Returns the result of a response; that of one without JSON is an error that says so. */
export function parsed(text: string, response: Response): Result {
  try {
    return JSON.parse(text) as Result
  } catch {
    return { errors: [{ message: `The server answered ${response.status} ${response.statusText} without JSON.` }] }
  }
}
