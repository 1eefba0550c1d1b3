/** Asks for the token of actions when one is needed. */
import { useState } from 'preact/hooks';
import { useStore } from '../store.js';
import { tokenRequest } from '../token.js';
import { Field, FormDialog } from './dialog.js';

export function TokenDialog() {
  const request = useStore(tokenRequest);
  const [text, setText] = useState('');
  if (!request) return null;
  return (
    <FormDialog
      title="Token needed"
      action="Use token"
      onClose={() => tokenRequest.get()?.answer(null)}
      onSubmit={async () => {
        request.answer(text.trim());
        setText('');
        return false;
      }}
    >
      <p>
        {request.why} It stands in the file <code>token</code> in the coordinator’s <code>data.dir</code>, and in the
        address that <code>npm start</code> prints. This tab remembers it until you close it.
      </p>
      <Field label="Token">
        {(id) => (
          <input
            id={id}
            type="password"
            autoComplete="off"
            required
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        )}
      </Field>
    </FormDialog>
  );
}
