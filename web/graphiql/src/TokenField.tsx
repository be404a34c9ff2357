import { useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { useState, type FormEvent } from 'react'
import { storeToken, refusal, token } from './token'
import { useValue } from './value'

/** The field for a token, which is stored for this browser tab alone. The schema is loaded with it at once. */
export function TokenField() {
  const { introspect } = useGraphiQLActions()
  const responseEditor = useGraphiQL((state) => state.responseEditor)
  const stored = useValue(token)
  const reason = useValue(refusal)
  const [typed, setTyped] = useState(stored)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    storeToken(typed.trim())
    responseEditor?.setValue('')
    introspect()
  }
  return (
    <form className="token" onSubmit={submit}>
      <label htmlFor="token">Token</label>
      <input
        id="token"
        className="control"
        type="password"
        autoComplete="off"
        spellCheck={false}
        placeholder="Bearer token"
        value={typed}
        onChange={({ target }) => setTyped(target.value)}
        aria-invalid={reason !== ''}
        aria-describedby="token-reason"
      />
      <button className="control" type="submit">
        {stored && stored === typed && !reason ? 'In use' : 'Use'}
      </button>
    </form>
  )
}

/** The reason why the server refused the token, or its absence. */
export function TokenReason() {
  return (
    <p id="token-reason" className="reason" role="alert">
      {useValue(refusal)}
    </p>
  )
}
