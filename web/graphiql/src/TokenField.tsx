import { useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { useState, type FormEvent } from 'react'
import { keepToken, refusal, token } from './token'
import { useValue } from './value'

/** Where a token is pasted. It is kept for this browser tab alone, and the schema is loaded with it at once. */
export function TokenField() {
  const { introspect } = useGraphiQLActions()
  const responseEditor = useGraphiQL((state) => state.responseEditor)
  const kept = useValue(token)
  const reason = useValue(refusal)
  const [typed, setTyped] = useState(kept)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    keepToken(typed.trim())
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
        {kept && kept === typed && !reason ? 'In use' : 'Use'}
      </button>
    </form>
  )
}

/** Why there is no answer without a token, or with this one. */
export function TokenReason() {
  return (
    <p id="token-reason" className="reason" role="alert">
      {useValue(refusal)}
    </p>
  )
}
